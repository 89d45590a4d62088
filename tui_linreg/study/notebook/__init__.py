"""A run as plain PyTorch: a notebook, or a Python script, that needs nothing of this program."""

NOTEBOOK, SCRIPT = ".ipynb", ".py"
ENDINGS = (NOTEBOOK, SCRIPT)
"""What the names of such files end in."""
