"""A training as a program of a framework, whose gradients are the framework's own: PyTorch, JAX."""
