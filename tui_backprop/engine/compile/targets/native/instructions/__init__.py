"""Instructions of LLVM's representation, and what NumPy does with arrays written with them."""
