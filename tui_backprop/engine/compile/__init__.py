"""Many iterations as one function: an iteration is traced once and written down again as fast code."""
