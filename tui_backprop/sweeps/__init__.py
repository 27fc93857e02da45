"""Many trainings of one lesson, and what differs between them."""
