"""A learner's own file on the screen."""
