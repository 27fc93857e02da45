"""The mistakes that homework is searched for: their codes, and what stands in the place of what is right."""
