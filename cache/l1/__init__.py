"""L1: what this process holds in memory, and which of it leaves first."""
