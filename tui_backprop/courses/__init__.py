"""Courses: a folder of lessons with tasks and questions, in an order, and what is earned in them."""
