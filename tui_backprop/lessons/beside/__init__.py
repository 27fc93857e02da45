"""Files that stand beside a lesson, and what its entries take from them."""
