"""Machine code: an iteration as LLVM's intermediate representation, compiled for this processor."""
