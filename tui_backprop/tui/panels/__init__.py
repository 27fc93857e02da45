"""The panels of the main screen, each bound to the snapshot that it shows."""
