"""A NumPy function, run once on arrays that write down what is done with them, as formula text."""
