"""Mathematics: NumPy in, numbers out. Nothing here knows of lessons, training runs or terminals."""
