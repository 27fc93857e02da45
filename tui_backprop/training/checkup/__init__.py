"""Looking a training over, where it stands."""
