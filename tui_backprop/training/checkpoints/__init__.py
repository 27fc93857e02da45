"""States of a training that are kept to go back to: many near the present, some all over the way."""
