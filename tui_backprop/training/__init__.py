"""The debugger's back end: where training is, and how it gets elsewhere. No terminal in sight."""
