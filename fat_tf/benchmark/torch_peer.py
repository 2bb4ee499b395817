"""M3 in PyTorch as the public notebook runs it: fold by fold, every window of every clip.

Run by `peer.py` beside it, with the interpreter of an environment that has PyTorch:
python torch_peer.py WINDOWS.npy FOLDS WIDTH CLASSES BATCH [--fused]

Weights are random: they do not change the speed. bfloat16, channels last; --fused folds batch normalisation into the
convolutions. Each line on stdin scores all windows once; the answer is the time it took, in seconds.
"""

import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812
from torch.nn.utils.fusion import fuse_conv_bn_eval


class Block(nn.Module):
    def __init__(self, inputs: int, channels: int, pooled: bool):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, channels, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(inputs + channels, channels, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(channels)
        self.pooled = pooled

    def forward(self, x):
        x1 = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(torch.cat([x, x1], 1))))
        return F.avg_pool2d(x, 2) if self.pooled else x

    def fuse(self):
        self.conv1, self.bn1 = fuse_conv_bn_eval(self.conv1, self.bn1), nn.Identity()
        self.conv2, self.bn2 = fuse_conv_bn_eval(self.conv2, self.bn2), nn.Identity()


class M3(nn.Module):
    def __init__(self, width: int, classes: int):
        super().__init__()
        channels = [1, *(width * 2**i for i in range(5))]
        self.blocks = nn.ModuleList(Block(channels[i], channels[i + 1], pooled=i < 4) for i in range(5))
        features = 2 * sum(channels[2:])
        self.head = nn.Sequential(
            nn.BatchNorm1d(features),
            nn.Linear(features, 256),
            nn.PReLU(),
            nn.BatchNorm1d(256),
            nn.Linear(256, classes),
        )

    def forward(self, x):
        features = []
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number:
                features += [x.mean((2, 3)), x.amax((2, 3))]
        return self.head(torch.cat(features, 1))


@torch.inference_mode()
def score(models: list[nn.Module], windows: np.ndarray, batch: int) -> torch.Tensor:
    """Mean of the models' sigmoids of each window."""
    of_folds = []
    for model in models:
        batches = (torch.from_numpy(windows[i : i + batch]) for i in range(0, len(windows), batch))
        pictures = (b[:, None].to(torch.bfloat16).contiguous(memory_format=torch.channels_last) for b in batches)
        of_folds.append(torch.cat([torch.sigmoid(model(picture).float()) for picture in pictures]))
    return torch.stack(of_folds).mean(0)


def main():
    windows = np.load(sys.argv[1])
    folds, width, classes, batch = map(int, sys.argv[2:6])
    models = [M3(width, classes).eval() for _ in range(folds)]
    for block in (block for model in models for block in model.blocks if "--fused" in sys.argv):
        block.fuse()
    models = [model.to(torch.bfloat16, memory_format=torch.channels_last) for model in models]
    print("ready", flush=True)
    for _ in sys.stdin:
        began = time.perf_counter()
        score(models, windows, batch)
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    main()
