"""Figures drawn: in the cells of a terminal, as SVG and as PNG."""
