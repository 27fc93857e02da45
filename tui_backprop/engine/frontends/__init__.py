"""Models and programs of other tools become formula text."""
