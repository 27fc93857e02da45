"""From a form to the text of a program: where values are, and what is written when."""
