"""The chain rule of each phase, written out."""
