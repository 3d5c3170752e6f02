"""One module a layout, each naming the one before."""
