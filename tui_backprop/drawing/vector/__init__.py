"""Figures on paper: laid out once in points, and written as SVG or painted as PNG."""
