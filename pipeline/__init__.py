"""What is run: scenarios, plans, the broker, enqueueing and the `bench` command."""
