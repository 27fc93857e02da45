"""The computation as a tree."""
