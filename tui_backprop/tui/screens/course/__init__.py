"""The screens of a course: one's own progress, and the question that is asked."""
