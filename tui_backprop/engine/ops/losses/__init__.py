"""Losses, called (prediction, target) as in PyTorch; each is a mean and therefore one number."""
