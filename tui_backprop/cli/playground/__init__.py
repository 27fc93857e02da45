"""Commands of the playground: networks from dials, pictures, health, comparisons."""
