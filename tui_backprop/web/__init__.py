"""The app in a browser: each visitor's program in a pseudo-terminal, its screen in a page of textual-serve."""
