"""Formula text to graph: read from its text, checked, and never executed."""
