"""Whole iterations at full speed: compiled programs, and machine code that is made beside them."""
