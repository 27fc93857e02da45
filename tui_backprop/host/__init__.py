"""What stands around the process: its terminal, and what a restricted login may do."""
