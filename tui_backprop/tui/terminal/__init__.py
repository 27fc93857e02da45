"""The way between the app and the terminal: what is sent, how fast, and what is left behind."""
