"""The notebook's two training loops, as plain code: what a recorded run of both models is measured beside."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def fit_scratch(
    b: Tensor, w: Tensor, x: Tensor, y: Tensor, x_valid: Tensor, y_valid: Tensor, epochs: int, size: int, lr: float
) -> list[tuple[float, float]]:
    """Train b and w, tensors of shape (1,), in place; return (train, validation) loss of each epoch."""
    log = []
    for _ in range(epochs):
        losses = []
        for start in range(0, len(x), size):
            x_batch, y_batch = x[start : start + size], y[start : start + size]
            y_pred = b + w * x_batch
            losses.append(((y_pred - y_batch) ** 2).mean().item())
            delta = 2 * (y_pred - y_batch) / len(y_batch)
            b -= lr * delta.sum()
            w -= lr * torch.dot(delta, x_batch)
        log.append((sum(losses) / len(losses), ((b + w * x_valid - y_valid) ** 2).mean().item()))
    return log


def fit_torch(
    layer: nn.Linear, x: Tensor, y: Tensor, x_valid: Tensor, y_valid: Tensor, epochs: int, size: int, lr: float
) -> list[tuple[float, float]]:
    """Train a layer on x, y of shape (n, 1); return (train, validation) loss of each epoch."""
    loss_of = nn.MSELoss()
    optimizer = torch.optim.SGD(layer.parameters(), lr=lr)
    log = []
    for _ in range(epochs):
        losses = []
        for start in range(0, len(x), size):
            x_batch, y_batch = x[start : start + size], y[start : start + size]
            y_pred = layer(x_batch)
            loss = loss_of(y_pred, y_batch)
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            log.append((sum(losses) / len(losses), loss_of(layer(x_valid), y_valid).item()))
    return log
