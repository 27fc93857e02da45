"""Pictures of a training as numbers: what is drawn, where, and what it says in words."""
