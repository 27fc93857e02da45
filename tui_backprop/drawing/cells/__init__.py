"""Figures in the cells of a terminal: half blocks, braille, shades and signs, down to plain ASCII."""
