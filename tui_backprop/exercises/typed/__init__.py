"""What is typed as an answer: pasted numbers, counts, and what the screen shows, as text of the language."""
