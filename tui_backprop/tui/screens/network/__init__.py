"""The screen of dials that a network is built with."""
