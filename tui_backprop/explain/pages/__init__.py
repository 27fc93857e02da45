"""Whole pages of text, and the same as JSON."""
