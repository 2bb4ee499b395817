"""From sound files to log-mels, beside librosa."""

import multiprocessing
import os
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np

from fat_tf.audio.decode import encoded
from fat_tf.benchmark.librosa_peer import librosa_picture
from fat_tf.benchmark.timing import alternate
from fat_tf.data.features import compute_features
from fat_tf.training.recipe import Recipe

CLIPS, SECONDS, RATE = 200, 10, 44100
NAMES = 10  # of each clip: with two thousand clips the second that building a graph takes weighs as little as in life
PROCESSES = 2
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA")}


def features(recipe: Recipe) -> str:
    """Decode, trim and log-mel of 44.1 kHz WAV files, beside librosa in a pool of processes, one thread each."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, ONE_THREAD):
        paths = _clips(Path(folder))
        jobs = [(path, recipe.front_end.get_config()) for path in paths]
        with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
            ours, theirs = alternate(
                lambda: list(compute_features(paths, recipe.front_end)),
                lambda: pool.starmap(librosa_picture, jobs, chunksize=4),
            )
    sound = len(paths) * SECONDS
    return (
        f"decode + trim + log-mel: {sound / ours:,.0f} times real time; librosa, {PROCESSES} processes, "
        f"{sound / theirs:,.0f}; {theirs / ours:.2f} times as fast"
    )


def _clips(folder: Path) -> list[str]:
    """Noise, each clip under several names."""
    paths = []
    for seed in range(CLIPS):
        noise = 0.1 * np.random.default_rng(seed).standard_normal(SECONDS * RATE)
        (folder / f"{seed}.wav").write_bytes(encoded(noise, RATE))
        names = [folder / f"{seed}.wav", *(folder / f"{seed}_{number}.wav" for number in range(1, NAMES))]
        for name in names[1:]:
            os.link(names[0], name)
        paths += map(str, names)
    return paths
