"""What everything computes with: arrays, errors, and the kernels that stepping and compiled code share."""
