"""Screens on top of the main one: help, lessons, gradient check, all numbers."""
