"""What a traced iteration is written down as."""
