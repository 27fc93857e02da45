"""What somebody changes in a training: values typed in, interventions, and how they are undone."""
