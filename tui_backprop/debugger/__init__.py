"""The debugger without a face: its commands, its session, and what it answers as data."""
