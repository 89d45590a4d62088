"""Predicting the numbers of the next phase."""
