"""States of a training that are kept, so that one can go back: many near the present, some all over the way."""
