"""The language that a process speaks: which there are, which is chosen, and what is particular to some."""
