"""What ``course check`` looks at: questions that no answer fits, goals that cannot be reached."""
