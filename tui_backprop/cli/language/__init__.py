"""The language of the command line: which one, and help that is said and laid out in it."""
