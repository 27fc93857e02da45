"""Commands for classes: courses, and the report over their results."""
