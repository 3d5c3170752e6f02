"""Results on their way between databases: whole runs in a file, and back."""
