"""What exercises have to say, in words."""
