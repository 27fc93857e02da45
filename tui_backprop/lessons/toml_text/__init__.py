"""The text of a TOML file before its tables mean anything: read, parsed, its texts looked at."""
