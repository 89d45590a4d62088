"""A learner's own update, run in a process of its own."""
