"""Overlays: a lesson's texts in another language, in a file of their own that has texts only."""
