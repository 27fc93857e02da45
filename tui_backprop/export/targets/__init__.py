"""What a training, or one iteration of it, is written as: a row a target, a module or package each."""
