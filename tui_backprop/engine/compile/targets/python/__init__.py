"""Python: an iteration as the text of a function, as one would write it by hand."""
