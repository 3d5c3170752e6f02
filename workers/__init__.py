"""How a job is done: load, faults, recording and checking."""
