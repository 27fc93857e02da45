"""A seat in a course: what a session knows of its student, the tasks and the question that is asked."""
