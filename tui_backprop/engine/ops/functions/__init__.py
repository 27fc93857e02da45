"""More functions at every place, a page a kind: transcendental ones, activations, bounds and steps."""
