"""What others write, read into formula text of the language: each front end is a package of its own."""
