"""What is taught: lessons are data (TOML files), checked and turned into graphs here."""
