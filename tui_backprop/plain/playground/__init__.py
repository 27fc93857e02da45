"""What the commands of the playground answer, as lines of text."""
