"""Widgets that know nothing of a training: lines, matrices, lists, the footer."""
