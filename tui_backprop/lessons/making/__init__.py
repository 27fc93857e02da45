"""How a lesson is made of its file: what is checked on the way."""
