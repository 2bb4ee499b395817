"""M3's training step in PyTorch: autocast, channels last, the fastest of its Adams, no augmentation.

Run by `peer.py`, with the interpreter of an environment that has PyTorch:
python torch_training.py WIDTH CLASSES MELS FRAMES BATCH STEPS bfloat16|float32

Weights and clips are random: they do not change the speed. Each line on stdin takes STEPS steps; the answer is a line.
"""

import sys
import time

import torch
from torch import nn
from torch_peer import M3

ADAMS = ({"fused": True}, {"foreach": True}, {"foreach": False})


class Step:
    """A network and its optimiser; a call trains on the same batch again."""

    def __init__(self, width: int, classes: int, shape: tuple[int, int, int], half: bool, adam: dict[str, bool]):
        batch, mels, frames = shape
        self._half = half
        self._model = M3(width, classes).to(memory_format=torch.channels_last).train()
        self._adam = torch.optim.Adam(self._model.parameters(), weight_decay=0.01, **adam)
        self._clips = torch.randn(batch, 1, mels, frames).contiguous(memory_format=torch.channels_last)
        self._labels = (torch.rand(batch, classes) < 0.02).float()

    def __call__(self) -> None:
        self._adam.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=self._half):
            logits = self._model(self._clips)
        nn.functional.binary_cross_entropy_with_logits(logits.float(), self._labels, reduction="sum").backward()
        nn.utils.clip_grad_value_(self._model.parameters(), 1.0)
        self._adam.step()


def seconds(step: Step) -> float:
    """Of the second call: the first one allocates."""
    step()
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def main():
    width, classes, mels, frames, batch, steps = map(int, sys.argv[1:7])
    step = min((Step(width, classes, (batch, mels, frames), sys.argv[7] == "bfloat16", a) for a in ADAMS), key=seconds)
    print("ready", flush=True)
    for _ in sys.stdin:
        for _ in range(steps):
            step()
        print("done", flush=True)


if __name__ == "__main__":
    main()
