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
PROCESSES = 2
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA")}


def features(recipe: Recipe) -> str:
    """Decode, trim and log-mel of 44.1 kHz WAV files, beside librosa in a pool of processes, one thread each."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, ONE_THREAD):
        paths = [str(Path(folder) / f"{i}.wav") for i in range(CLIPS)]
        for seed, path in enumerate(paths):
            noise = 0.1 * np.random.default_rng(seed).standard_normal(SECONDS * RATE)
            Path(path).write_bytes(encoded(noise, RATE))
        jobs = [(path, recipe.front_end.get_config()) for path in paths]
        with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
            ours, theirs = alternate(
                lambda: list(compute_features(paths, recipe.front_end)),
                lambda: pool.starmap(librosa_picture, jobs, chunksize=4),
            )
    sound = CLIPS * SECONDS
    return (
        f"decode + trim + log-mel: {sound / ours:,.0f} times real time; librosa, {PROCESSES} processes, "
        f"{sound / theirs:,.0f}; {theirs / ours:.2f} times as fast"
    )
