"""Commands that show how training goes: pictures, comparisons, health, weights turned by hand."""
