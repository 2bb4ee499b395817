"""Scoring clips with five folds of M3, beside a PyTorch loop over every window of every clip, fold by fold."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fat_tf.audio import FrontEnd
from fat_tf.benchmark.peer import DEVIATION, MEAN, random_models, torch_peer
from fat_tf.benchmark.timing import alternate
from fat_tf.data.builtin import open_dataset
from fat_tf.data.windows import regular_starts
from fat_tf.errors import UserError
from fat_tf.inference.clip_list import Clip, find_clips
from fat_tf.inference.clip_pictures import PictureStream
from fat_tf.inference.predictor import Prediction, Predictor
from fat_tf.training.recipe import Recipe

FOLDS, WINDOWS, ROUNDS = 5, 8, 3
SHORT, LONG = 32, 16  # clips, spread over those of a data set


def predict(recipe: Recipe, audio: str | Path | None, torch_python: str) -> str:
    """Three lines: clips of one window, longer ones exactly, longer ones with a shared trunk.

    Args:
        recipe: of M3.
        audio: folder of sounds, some of them longer than a window; None for the built-in data set.
        torch_python: interpreter of an environment with PyTorch.

    Raises:
        UserError: no such interpreter, no sounds of both kinds.
    """
    models = random_models(recipe, FOLDS)
    exact, shared = (Predictor(models, Prediction(WINDOWS, shared_trunk=trunk)) for trunk in (False, True))
    short, long = _by_length(find_clips([audio or open_dataset(None).folder]), recipe.front_end)
    return "\n".join(
        [
            _beside(torch_python, recipe, "clips of one window", short, {"exact": exact}),
            _beside(torch_python, recipe, "longer clips", long, {"exact": exact, "shared trunk": shared}),
        ]
    )


def _beside(torch_python: str, recipe: Recipe, what: str, clips: list[Clip], ours: dict[str, Predictor]) -> str:
    """A line for each of our ways to score these clips."""
    works = [lambda predictor=predictor: list(predictor(clips)) for predictor in ours.values()]
    with torch_peer(torch_python, recipe, _every_window(clips, recipe.front_end), FOLDS) as peer:
        *times, theirs = alternate(*works, peer, rounds=ROUNDS)
    return "\n".join(
        f"{what} ({len(clips)}), {name}: {len(clips) / took:.2f} clips/s; PyTorch {len(clips) / theirs:.2f}; "
        f"{theirs / took:.2f} times as fast"
        for name, took in zip(ours, times, strict=True)
    )


def _by_length(clips: list[Clip], front_end: FrontEnd) -> tuple[list[Clip], list[Clip]]:
    """Some clips of one window, and some longer ones."""
    frames = [drawn.pictures[0].shape[1] for drawn in PictureStream([front_end])(clips)]
    of_both = ([], [])
    for clip, length in zip(clips, frames, strict=True):
        if length:
            of_both[length > front_end.window_frames].append(clip)
    if not all(of_both):
        raise UserError("The benchmark needs sounds longer and shorter than a window: give another --data_dir")
    return tuple(list(np.array(c, object)[_spread(len(c), n)]) for c, n in zip(of_both, (SHORT, LONG), strict=True))


def _spread(there: int, wanted: int) -> np.ndarray:
    return np.unique(np.linspace(0, there - 1, min(wanted, there)).astype(int))


def _every_window(clips: Sequence[Clip], front_end: FrontEnd) -> np.ndarray:
    """(clips · windows, mels, frames) float32, normalised, equal windows as often as they come."""
    window, cut = front_end.window_frames, []
    for drawn in PictureStream([front_end])(clips):
        picture = (drawn.pictures[0][..., 0] - MEAN) / DEVIATION
        starts = np.resize(regular_starts(picture.shape[1], window, WINDOWS), WINDOWS)
        cut += [picture[:, start : start + window] for start in starts]
    return np.stack(cut)
