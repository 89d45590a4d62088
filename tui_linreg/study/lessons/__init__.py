"""Lessons: their format, their checks, and those that come with the program."""
