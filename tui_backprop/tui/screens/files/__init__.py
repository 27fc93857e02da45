"""Screens that write a file."""
