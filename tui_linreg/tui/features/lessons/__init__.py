"""Lessons: a text and tasks beside a run."""
