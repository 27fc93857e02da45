"""The lines of an iteration: its records, several of which may be folded into one."""
