"""The commands of a course, and what any command has done for its tasks and questions."""
