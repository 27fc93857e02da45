"""The commands for a host whose program others use: a restricted login, and a server of pages."""
