"""One iteration in words and numbers, for the screen and for plain text alike."""
