"""Parts of the loss chart beside its own curve."""
