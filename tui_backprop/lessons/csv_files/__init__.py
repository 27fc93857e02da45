"""CSV files as people have them: read where it is certain, and refused where it is not."""
