"""The checker: holds every read of an attempt against what the writes could have made visible."""
