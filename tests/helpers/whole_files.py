"""A learner's file with the whole class of the notebook, part by part."""

from __future__ import annotations

import textwrap

RIGHT = {
    "predict": "return self.b + self.w * x",
    "mse_loss": "return ((y_pred - y_true) ** 2).mean().item()",
    "update": (
        "d = 2 * (y_pred - y_true) / len(y_true)\ngb, gw = d.sum(), torch.dot(d, x)\n"
        "self.b -= lr * gb\nself.w -= lr * gw\nreturn d, gb, gw"
    ),
    "fit": (
        "for epoch in range(epochs):\n    losses = []\n    for i in range(0, len(y), batch_size):\n"
        "        xb, yb = x[i : i + batch_size], y[i : i + batch_size]\n        y_pred = self.predict(xb)\n"
        "        losses.append(self.mse_loss(yb, y_pred))\n        self.update(xb, yb, y_pred, lr)\n"
        "    mse, mse_v = sum(losses) / len(losses), self.evaluate(x_valid, y_valid)\n"
        "    print(f'epoch: {epoch} - MSE: {round(mse, 4)} - MSE_v: {round(mse_v, 4)}')"
    ),
}
ARGUMENTS = {
    "predict": "self, x", "mse_loss": "self, y_true, y_pred", "update": "self, x, y_true, y_pred, lr",
    "fit": "self, x, y, epochs, lr, batch_size, x_valid, y_valid",
}  # fmt: skip
HEAD = "import torch\n\n\nclass SimpleLinearRegression:\n"
INIT = "    def __init__(self):\n        self.b, self.w = torch.randn(1), torch.randn(1)\n\n"


def method(part: str, body: str, indent: str = "    ") -> str:
    """One part as a function with `self`."""
    return textwrap.indent(f"def {part}({ARGUMENTS[part]}):\n{textwrap.indent(body, '    ')}\n\n", indent)


def whole(**changed: str) -> str:
    """The file with other bodies for some parts; an empty one leaves the part out."""
    bodies = RIGHT | changed
    return HEAD + INIT + "".join(method(part, body) for part, body in bodies.items() if body)


def functions(**changed: str) -> str:
    """The same as functions with `self`, as they stand before they are added to the class."""
    bodies = RIGHT | changed
    return "import torch\n\n\n" + "".join(method(part, body, "") for part, body in bodies.items() if body)
