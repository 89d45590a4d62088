"""What the instruments say of a run."""
