"""One iteration derived on paper: symbols, then numbers, for LaTeX, Markdown and a page to print."""
