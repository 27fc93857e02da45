"""A student in a course, without a face: what is asked, what is reached, and where they stand."""
