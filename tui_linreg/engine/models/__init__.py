"""The hand-written model, torch's, and those with a mistake planted."""
