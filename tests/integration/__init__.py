"""The cache as a whole, against real servers."""
