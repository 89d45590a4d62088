"""Training both models, the timeline, and recomputing a step from it."""
