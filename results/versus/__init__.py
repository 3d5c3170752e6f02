"""Two sides of what was measured: which metrics differ, by how much, and how sure that is."""
