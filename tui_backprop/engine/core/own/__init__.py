"""Elementary functions of the project's own: defined once, read by NumPy and by LLVM with the same bits."""
