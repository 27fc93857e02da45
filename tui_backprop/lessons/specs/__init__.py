"""What may be written for one entry of a lesson: a hyperparameter, a schedule, a start, numbers that pick."""
