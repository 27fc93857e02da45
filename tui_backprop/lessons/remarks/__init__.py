"""Remarks: what is legal in a lesson but almost surely not meant, said once, with the cure."""
