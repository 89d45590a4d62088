"""A learner's own update in the place of the hand-written model."""
