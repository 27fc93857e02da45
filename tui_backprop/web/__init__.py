"""The app in browsers: a program for each visitor, behind a terminal in a page of textual-serve."""
