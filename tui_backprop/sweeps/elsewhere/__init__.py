"""Sweeps that other processes and other machines work at."""
