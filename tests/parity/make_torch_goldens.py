"""Writes the PyTorch goldens: `pip install torch numpy`, then `python tests/parity/make_torch_goldens.py`.

An independent build of M0 to M4, and of the optimiser, straight from the description of the 9th-place system.
Weights and inputs come from NumPy's generator on both sides, drawn in the order in which the network is written,
so the files hold outputs alone.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

HERE = Path(__file__).parent / "goldens"
WIDTH, CLASSES, SHAPE = 4, 7, (3, 1, 32, 64)
MODELS = {  # channels as multiples of the width, dense, last block pooled, tapped blocks, hidden
    "m0": ((1, 2, 4, 8), False, True, (4,), 128),
    "m1": ((1, 2, 4, 8), True, True, (4,), 128),
    "m2": ((1, 2, 4, 8), True, False, (2, 3, 4), 256),
    "m3": ((1, 2, 4, 8, 16), True, False, (2, 3, 4, 5), 256),
    "m4": ((1, 2, 4, 8, 16), True, False, (5,), 256),
}


class Block(nn.Module):
    def __init__(self, inputs, channels, dense, pooled):
        super().__init__()
        self.dense, self.pooled = dense, pooled
        self.conv1 = nn.Conv2d(inputs, channels, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels + inputs * dense, channels, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        x1 = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(torch.cat([x, x1], 1) if self.dense else x1)))
        return F.avg_pool2d(x, 2) if self.pooled else x


class Net(nn.Module):
    def __init__(self, scales, dense, last_pooled, taps, hidden, average):
        super().__init__()
        self.taps, self.average = taps, average
        channels = [1, *(WIDTH * s for s in scales)]
        last = len(scales)
        self.blocks = nn.ModuleList(
            Block(channels[i], channels[i + 1], dense, i + 1 < last or last_pooled) for i in range(last)
        )
        pooled = sum(channels[t] for t in taps) * (2 if average else 1)
        self.bn1 = nn.BatchNorm1d(pooled)
        self.dense1 = nn.Linear(pooled, hidden)
        self.prelu = nn.PReLU()
        self.bn2 = nn.BatchNorm1d(hidden)
        self.dense2 = nn.Linear(hidden, CLASSES)

    def forward(self, x):
        features = []
        for number, block in enumerate(self.blocks, 1):
            x = block(x)
            if number in self.taps:
                features += [x.mean((2, 3)), x.amax((2, 3))] if self.average else [x.amax((2, 3))]
        return self.dense2(self.bn2(self.prelu(self.dense1(self.bn1(torch.cat(features, 1))))))


def fill(net, rng):
    """Every weight from the generator, in module order; layouts as Keras has them, turned into PyTorch's."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            out, inp, h, w = module.weight.shape
            module.weight.data = torch.tensor(rng.standard_normal((h, w, inp, out)) / np.sqrt(h * w * inp)).permute(
                3, 2, 0, 1
            )
            module.bias.data = torch.tensor(rng.standard_normal(out)) * 0.1
        elif isinstance(module, nn.Linear):
            out, inp = module.weight.shape
            module.weight.data = torch.tensor(rng.standard_normal((inp, out)) / np.sqrt(inp)).T
            module.bias.data = torch.tensor(rng.standard_normal(out)) * 0.1
        elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            size = module.num_features
            module.weight.data = torch.tensor(rng.uniform(0.5, 1.5, size))
            module.bias.data = torch.tensor(rng.standard_normal(size)) * 0.1
            module.running_mean = torch.tensor(rng.standard_normal(size)) * 0.1
            module.running_var = torch.tensor(rng.uniform(0.5, 1.5, size))
        elif isinstance(module, nn.PReLU):
            module.weight.data = torch.tensor(rng.uniform(0.1, 0.4, 1))
    return net.double()


def model_goldens():
    arrays = {}
    for number, (name, (scales, dense, pooled, taps, hidden)) in enumerate(MODELS.items()):
        rng = np.random.default_rng(number)
        net = fill(Net(scales, dense, pooled, taps, hidden, average=name != "m0"), rng)
        picture = torch.tensor(rng.standard_normal(SHAPE))
        arrays[f"{name}_eval"] = net.eval()(picture).detach().numpy()
        arrays[f"{name}_train"] = net.train()(picture).detach().numpy()
        arrays[f"{name}_running_mean"] = net.bn1.running_mean.numpy()
    np.savez_compressed(HERE / "models.npz", **{k: v.astype(np.float32) for k, v in arrays.items()})


def optimiser_goldens(steps=6):
    """Adam on gradients clipped by element, with L2 added after the clip; lr changes on the way."""
    rng = np.random.default_rng(0)
    start, grads = rng.standard_normal((4, 3)), 2 * rng.standard_normal((steps, 4, 3))
    rates = np.array([1e-2, 1e-2, 1e-2, 1e-3, 1e-3, 1e-3])
    for key, l2 in (("decayed", 0.01), ("free", 0.0)):
        weight = nn.Parameter(torch.tensor(start))
        adam = torch.optim.Adam([weight], lr=1e-2, weight_decay=l2)
        path = []
        for grad, rate in zip(grads, rates, strict=True):
            adam.param_groups[0]["lr"] = float(rate)
            weight.grad = torch.tensor(grad)
            torch.nn.utils.clip_grad_value_([weight], 1.0)
            adam.step()
            path.append(weight.detach().numpy().copy())
        yield key, np.stack(path)
    yield "start", start
    yield "grads", grads
    yield "rates", rates


def plateau_goldens(cases=8, epochs=40):
    """Rates of ReduceLROnPlateau(patience=3, factor=0.1, min_lr=1e-7) from 1e-4, on losses that fall and stall."""
    rng = np.random.default_rng(1)
    losses = np.maximum.accumulate(rng.uniform(0, 0.03, (cases, epochs)), axis=1)[:, ::-1]
    losses = 2 + losses * rng.uniform(0.1, 10, (cases, 1)) + rng.normal(0, 1e-3, (cases, epochs))
    losses[0], losses[1] = 2.0, np.linspace(3, 2, epochs)
    losses[2] = 2 * (1 - 1e-4) ** np.arange(epochs)  # each on the threshold
    rates = np.zeros((cases, epochs))
    for row, of_case in zip(rates, losses, strict=True):
        optimiser = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1e-4)
        plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, patience=3, factor=0.1, min_lr=1e-7)
        for epoch, loss in enumerate(of_case):
            row[epoch] = optimiser.param_groups[0]["lr"]
            plateau.step(loss)
    return {"losses": losses, "rates": rates}


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    model_goldens()
    np.savez_compressed(HERE / "optimiser.npz", **dict(optimiser_goldens()))
    np.savez_compressed(HERE / "plateau.npz", **plateau_goldens())
