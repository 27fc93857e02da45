"""A set-up and a place as one short string, which anybody may have made."""
