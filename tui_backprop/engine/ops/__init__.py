"""One Op per operation: signature, structure, forward and the way back, in numbers and in words."""
