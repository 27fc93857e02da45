"""What students have answered: a file for each student and course, and the report over many of them."""
