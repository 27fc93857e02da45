"""Layers that users write as classes: their backward passes against the engine's gradients."""
