"""Text for people: numbers, widths, character sets, ASCII spellings and JSON. It imports nothing of ours."""
