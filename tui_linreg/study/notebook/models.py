"""The two models of a run as source text. The formulas are the program's own code, read from it."""

from __future__ import annotations

import inspect
import re
from textwrap import indent

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.models.arithmetic import Arithmetic
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.models.scratch import KERNEL_FORMS, SimpleLinearRegression
from tui_linreg.engine.schedule import Schedule

_FORMULAS = ("predict", "squared_loss", "error_signal", "bias_gradient", "weight_gradient", "descend")
_NAME = SimpleLinearRegression.__name__

_SCRATCH = '''
class SimpleLinearRegression:
    """ŷ = b + w x, with every derivative written out by hand; b and w are tensors of shape (1,)."""

    def __init__(self) -> None:
        self.b = torch.randn(1, dtype=dtype).to(device)
        self.w = torch.randn(1, dtype=dtype).to(device)
        self.batch_losses: list[float] = []

    def copy_params(self, layer: nn.Linear) -> None:
        """Copy bias and weight of a linear layer with one input and one output."""
        self.b.copy_(layer.bias.detach())
        self.w.copy_(layer.weight.detach()[0])

{formulas}
    def update(self, x: Tensor, y_true: Tensor, y_pred: Tensor, lr: float) -> tuple[Tensor, Tensor, Tensor]:
        """Go from the error signal to the new b and w on one mini-batch, and return the gradients used."""
        dloss_dpred = self.error_signal(y_true, y_pred)
        grad_b = self.bias_gradient(dloss_dpred)
        grad_w = self.weight_gradient(dloss_dpred, x)
        self.descend(grad_b, grad_w, lr)
        return dloss_dpred, grad_b, grad_w

    def evaluate(self, x: Tensor, y_true: Tensor) -> float:
        """Return the loss of the present b and w on x, y of shape (m,)."""
        return self.squared_loss(y_true, self.predict(x)).item()

{fit}'''

_SCRATCH_STEP = """\
x_batch, y_batch = x[start : start + batch_size], y[start : start + batch_size]
y_pred = self.predict(x_batch)
losses.append(self.squared_loss(y_batch, y_pred).item())
self.update(x_batch, y_batch, y_pred, lr)
"""

_TORCH = '''
class TorchLinearRegression(nn.Module):
    """The same with nn.Linear, nn.MSELoss, autograd and torch.optim.SGD; x and y have shape (m, 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1, dtype=dtype).to(device)
        self.loss = nn.MSELoss()
        self.batch_losses: list[float] = []

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x)

    def evaluate(self, x: Tensor, y_true: Tensor) -> float:
        with torch.no_grad():
            return self.loss(self(x), y_true).item()

{fit}'''

_TORCH_STEP = """\
loss = self.loss(self(x[start : start + batch_size]), y[start : start + batch_size])
losses.append(loss.item())
optimizer.zero_grad()
loss.backward()
optimizer.step()
"""

_FIT = '''
def fit(
    self, x: Tensor, y: Tensor, epochs: int, {rate}, batch_size: int, x_valid: Tensor, y_valid: Tensor
) -> None:
    """Train by mini-batch gradient descent on consecutive slices; print both losses after each epoch."""
{before}    for epoch in range(epochs):
        losses = []
        for start in range(0, len(x), batch_size):
{step}        mse, mse_v = sum(losses) / len(losses), self.evaluate(x_valid, y_valid)
        print(f"epoch: {{epoch}} - MSE: {{round(mse, 4)}} - MSE_v: {{round(mse_v, 4)}}")
        self.batch_losses += losses
'''
_CHANGES = "step += 1\nlr = learning_rates.get(step, lr)  # η changes before this step\n"


def scratch_source(config: RunConfig) -> str:
    """Return the class `SimpleLinearRegression` without any mistake, in the notebook's arithmetic."""
    formulas = "\n".join(inspect.getsource(getattr(SimpleLinearRegression, name)) for name in _FORMULAS)
    return _SCRATCH.format(formulas=formulas, fit=_fit(config, "", _SCRATCH_STEP)).strip()


def torch_source(config: RunConfig, device: str) -> str:
    """Return the class `TorchLinearRegression`.

    Args:
        config: the run.
        device: where it computes; on the CPU torch takes the plain form of SGD by itself.
    """
    plain = "" if device == "cpu" else ", foreach=False"
    rate = "lr" if len(config.rates.lrs) == 1 else "learning_rates[1]"
    optimizer = f"optimizer = torch.optim.SGD(self.parameters(), lr={rate}{plain})\n"
    return _TORCH.format(fit=_fit(config, optimizer, _TORCH_STEP)).strip()


def _fit(config: RunConfig, before: str, step: str) -> str:
    """Return `fit`, with what stands before the loops and what a mini-batch does."""
    changing = len(config.rates.lrs) > 1
    if changing:
        before += "step, lr = 0, learning_rates[1]\n"
        put = 'optimizer.param_groups[0]["lr"] = lr\n' if "optimizer" in step else ""
        step = _CHANGES + put + step
    rate = "learning_rates: dict[int, float]" if changing else "lr: float"
    text = _FIT.format(rate=rate, before=indent(before, " " * 4), step=indent(step, " " * 12))
    return indent(text.lstrip("\n"), " " * 4)


def variant_source(config: RunConfig, schedule: Schedule) -> tuple[str, str]:
    """Return the classes that make `SimpleLinearRegression` this run's model, and the name of that model.

    They stand in the order in which `scratch_variant` puts them; the source is empty for the model as it is.
    """
    switches = Arithmetic.parse(config.arithmetic).switches
    parts: list[type] = [form for form, switched in zip(KERNEL_FORMS, switches, strict=True) if switched]
    if config.mistake is not None:
        parts.insert(0, MISTAKES[config.mistake].model)
    if not parts:
        return "", _NAME
    sources = [_class_source(part, schedule) for part in parts]
    names = [part.__name__ for part in parts]
    if len(parts) == 1:
        return sources[0], names[0]
    joined = f'class Model({", ".join(names)}):\n    """All of them together."""'
    return "\n\n\n".join([*sources, joined]), "Model"


def _class_source(part: type, schedule: Schedule) -> str:
    """Return the source of a variant, on `SimpleLinearRegression` and without names of this program."""
    source = inspect.getsource(part)
    source = source[source.index("class ") :].strip()
    source = re.sub(r"\A(class \w+)\(\w+\)", rf"\1({_NAME})", source)
    for name in ("batch_size", "n_train"):  # what `scratch_variant` sets
        declared = rf'    {name}: ClassVar\[int\]\n    """.*"""\n'
        source = re.sub(declared, f"    {name} = {getattr(schedule, name)}\n", source)
    source = source.replace("-> Gradients:", "-> tuple[Tensor, Tensor, Tensor]:")
    return source.replace("return Gradients(", "return (").replace("**options: Any", "**options")
