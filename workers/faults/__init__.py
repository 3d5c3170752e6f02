"""The benchmark and resilience faults, one a file."""
