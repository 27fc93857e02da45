"""Layers whose windows slide over signals and pictures: convolutions and pooling."""
