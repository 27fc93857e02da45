"""Instructions to nodes: operations, indices, arrays made of numbers, and statements one after the other."""
