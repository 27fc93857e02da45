"""The commands for a host whose program others use: a server of pages."""
