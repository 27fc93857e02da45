"""What help says besides the commands: sections, and a glossary of the words on the screen."""
