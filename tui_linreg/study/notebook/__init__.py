"""A run as plain PyTorch: a notebook, or a Python script, that needs nothing of this program."""
