"""A training as something else: a script, a program listing, tables."""
