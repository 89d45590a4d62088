"""A process that does no more than any program with torch has to: the imports and one step of SGD."""

from __future__ import annotations

import sklearn.datasets  # noqa: F401  # part of what is measured
import torch
from torch import nn

layer = nn.Linear(1, 1, dtype=torch.float64)
optimizer = torch.optim.SGD(layer.parameters(), lr=0.01)
loss = nn.MSELoss()(layer(torch.ones(33, 1, dtype=torch.float64)), torch.ones(33, 1, dtype=torch.float64))
optimizer.zero_grad()
loss.backward()
optimizer.step()
print("stepped", flush=True)
