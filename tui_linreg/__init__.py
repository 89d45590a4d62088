"""tui-linreg: step through every mini-batch of gradient descent in the terminal."""

__version__ = "0.1.0"
