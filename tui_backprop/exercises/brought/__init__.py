"""Gradients that somebody brings along: arrays from a file, and a whole backward pass as text."""
