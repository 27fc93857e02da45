"""Lessons that are made of a user's own NumPy program."""
