"""Models of random weights, here and in PyTorch: weights do not change the speed."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from fat_tf.errors import UserError
from fat_tf.inference.run_models import Group, Models
from fat_tf.layers import Normalisation
from fat_tf.models.device import dtype_policy
from fat_tf.models.scoring import for_pictures
from fat_tf.training.recipe import Recipe

CLASSES, BATCH = 80, 16  # windows: the fastest for PyTorch of 16, 32 and 64
MEAN, DEVIATION = -35.7, 21.6  # dB, of FSDKaggle2019


def random_models(recipe: Recipe, folds: int) -> Models:
    """Untrained folds of a recipe's model."""
    policy, shape = recipe.policy, recipe.front_end.picture_shape
    with dtype_policy(policy):
        normalise = Normalisation(MEAN, DEVIATION)
        networks = [recipe.model(num_classes=CLASSES, input_shape=shape) for _ in range(folds)]
    networks = [for_pictures(normalise, network, policy, shape) for network in networks]
    vocabulary = tuple(f"class {k}" for k in range(CLASSES))
    return Models(vocabulary, [Group(recipe.front_end, networks, [1 / folds] * folds)], [], policy)


@contextmanager
def torch_peer(python: str, recipe: Recipe, windows: np.ndarray, folds: int, *flags: str) -> Iterator[Callable]:
    """A call that has M3 in PyTorch score all windows once.

    Args:
        python: interpreter of an environment with PyTorch.
        recipe: of M3.
        windows: (windows, mels, frames) float32, normalised: its log-mels cost it nothing.
        folds: networks that score each window.
        flags: further ones of torch_peer.py.

    Raises:
        UserError: no such interpreter, or one without PyTorch.
    """
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/windows.npy", windows)
        numbers = (folds, width_of(recipe), CLASSES, BATCH)
        with running(python, "torch_peer.py", f"{folder}/windows.npy", *numbers, *flags) as go:
            yield go


def width_of(recipe: Recipe) -> int:
    """Channels of the first block."""
    model = recipe.model(num_classes=2, input_shape=recipe.front_end.picture_shape)
    return model.get_layer("block1_conv1").filters


@contextmanager
def running(python: str, script: str, *arguments: object) -> Iterator[Callable]:
    """A call that has a PyTorch script of this folder do its work once.

    Raises:
        UserError: no such interpreter, or one without PyTorch.
    """
    command = [python, Path(__file__).with_name(script), *arguments]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "encoding": "utf-8"}
    try:
        peer = subprocess.Popen([*map(str, command)], **pipes)
    except OSError as error:
        raise UserError(f"--torch_python={python}: {error.strerror}") from error
    with peer:
        if peer.stdout.readline().strip() != "ready":
            raise UserError(f"--torch_python={python} cannot run the PyTorch peer; it needs torch and numpy")
        yield lambda: _round(peer)
        peer.stdin.close()


def _round(peer: subprocess.Popen) -> None:
    peer.stdin.write("go\n")
    peer.stdin.flush()
    peer.stdout.readline()
