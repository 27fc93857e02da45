"""The parts of the chain rule's panel: the records, the one laid open, and the field for an answer."""
