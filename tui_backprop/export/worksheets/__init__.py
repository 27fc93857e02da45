"""Handouts: one iteration of a lesson with numbers of its own and blanks to fill in, and the key apart."""
