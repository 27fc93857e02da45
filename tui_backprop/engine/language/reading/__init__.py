"""Text to instructions: calls, expressions and statements, as people write NumPy."""
