"""One element of a gradient under the microscope."""
