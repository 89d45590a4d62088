"""Find the mistake: a run in which one may be planted, and the decision."""
