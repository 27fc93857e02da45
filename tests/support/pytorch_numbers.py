"""What PyTorch says of small models: ``python -m tests.support.pytorch_numbers`` records it (with torch)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

RECORDED = Path(__file__).parent / "pytorch_numbers.json"
"""Written with torch 2.13.0 in double precision: for each model its print, loss, and a number a gradient."""


def filled(place: int, shape: tuple[int, ...]) -> Any:
    """Return the weights of the parameter in this place."""
    return 0.4 * np.sin(1.0 + place + np.arange(int(np.prod(shape)))).reshape(shape)


def put_in(shape: tuple[int, ...], classes: int) -> Any:
    """Return an input."""
    size = np.arange(int(np.prod(shape)))
    return (size % classes if classes else np.cos(size)).reshape(shape)


def aimed_at(shape: tuple[int, ...], loss: str) -> Any:
    """Return a target for an output of this shape."""
    if loss == "cross_entropy":
        return np.arange(shape[0]) % shape[1]
    return np.sin(np.arange(int(np.prod(shape)))).reshape(shape)


def told(gradient: Any) -> float:
    """Return one number of a gradient, in which each of its elements counts differently."""
    return float(np.ravel(gradient) @ np.cos(np.arange(np.size(gradient))))


def record() -> dict[str, Any]:
    """Ask PyTorch."""
    import torch
    from torch import nn

    torch.set_default_dtype(torch.float64)

    class Net(nn.Module):
        def __init__(self, rnn: Any, width: int, embedding: Any = None) -> None:
            super().__init__()
            self.first = embedding or nn.Identity()
            self.rnn, self.fc = rnn, nn.Linear(width, 2)

        def forward(self, x: Any) -> Any:
            said = self.rnn(self.first(x))[0]
            return self.fc(said[:, -1] if self.rnn.batch_first else said[-1])

    both = nn.LSTM(3, 2, num_layers=2, batch_first=True, bidirectional=True)
    conv = nn.Conv2d(1, 3, 3, padding=1)
    narrow = nn.Conv1d(2, 4, 3, stride=2, padding=1, groups=2)
    dilated = nn.Conv2d(2, 3, 3, padding=(2, 3), dilation=(2, 3), stride=(1, 2))
    inner = nn.Sequential(nn.Linear(4, 4, bias=False), nn.GELU())
    models = {
        "mlp": (nn.Sequential(nn.Linear(3, 4), nn.ReLU(), inner, nn.Linear(4, 2)), (4, 3), "mse", 0),
        "cnn": (
            nn.Sequential(
                conv, nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(12, 3)
            ),
            (4, 1, 4, 4), "cross_entropy", 0,
        ),
        "dilated": (
            nn.Sequential(dilated, nn.ReLU(), nn.Flatten(), nn.Linear(36, 2)), (3, 2, 4, 5), "mse", 0
        ),
        "norms": (
            nn.Sequential(
                narrow, nn.SiLU(), nn.AvgPool1d(2), nn.LayerNorm(2), nn.Flatten(), nn.RMSNorm(8, eps=1e-6),
                nn.Linear(8, 2), nn.LeakyReLU(0.2), nn.PReLU(), nn.Softplus(beta=2.0),
            ),
            (4, 2, 8), "mse", 0,
        ),
        "lstm": (Net(both, 4, nn.Embedding(5, 3, padding_idx=0)), (3, 4), "mse", 5),
        "gru": (Net(nn.GRU(3, 2, batch_first=True), 2), (3, 4, 3), "mse", 0),
        "steps first": (Net(nn.LSTM(3, 2), 2), (4, 3, 3), "mse", 0),
    }  # fmt: skip
    losses = {"mse": nn.functional.mse_loss, "cross_entropy": nn.functional.cross_entropy}
    found = {}
    for name, (model, shape, loss, classes) in models.items():
        with torch.no_grad():
            for place, parameter in enumerate(model.parameters()):
                parameter.copy_(torch.from_numpy(filled(place, tuple(parameter.shape))))
        output = model(torch.from_numpy(put_in(shape, classes)))
        lost = losses[loss](output, torch.from_numpy(aimed_at(tuple(output.shape), loss)))
        lost.backward()
        found[name] = {
            "print": str(model), "shape": shape, "classes": classes, "loss": loss, "value": lost.item(),
            "output": tuple(output.shape),
            "weights": {one: tuple(parameter.shape) for one, parameter in model.named_parameters()},
            "gradients": {one: told(parameter.grad.numpy()) for one, parameter in model.named_parameters()},
        }  # fmt: skip
    return found


if __name__ == "__main__":
    RECORDED.write_text(json.dumps(record(), indent=1) + "\n", encoding="utf-8")
