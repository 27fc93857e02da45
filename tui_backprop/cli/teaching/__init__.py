"""Commands for those who teach: courses, reports, handouts."""
