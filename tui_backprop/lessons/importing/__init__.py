"""A model of another tool becomes a lesson: its formula, weights, an input to try, a loss."""
