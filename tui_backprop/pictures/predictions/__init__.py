"""Pictures of what the model predicts, and the probe that asks it about samples and other inputs."""
