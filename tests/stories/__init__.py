"""Long stories from end to end, run by `make stories`, one after another."""
