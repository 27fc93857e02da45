"""Trainings kept on disk, and the same trainings again, to the last bit."""
