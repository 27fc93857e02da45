"""What a teacher adds to a lesson: tasks, questions, and numbers that are drawn for each student."""
