"""Screens that show how training goes: comparisons, sweeps, the search for a learning rate."""
