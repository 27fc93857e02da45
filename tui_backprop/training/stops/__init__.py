"""What stops a run: breakpoints, and numbers that are not finite."""
