"""Speed, as ratios of things measured side by side: machines differ, and the same one from hour to hour."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile as sf
import tensorflow as tf

from fat_tf.data.batches import training_batches
from fat_tf.data.features import compute_features
from fat_tf.training.device import dtype_policy, resolve_precision
from fat_tf.training.material import gather, read_or_make
from fat_tf.training.network import build_networks
from fat_tf.training.progress import Progress
from fat_tf.training.recipe import Recipe

ROUNDS = 5
EPOCHS = 3  # of a round; a fold has one start-up for all of its epochs
CLIPS, SECONDS, RATE = 200, 10, 44100


def seconds(work: Callable[[], object]) -> float:
    """Time that a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def alternate(first: Callable[[], object], second: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of two works that take turns, after one round to warm up."""
    first(), second()
    times = [(seconds(first), seconds(second)) for _ in range(ROUNDS)]
    return tuple(map(statistics.median, zip(*times, strict=True)))


def features(recipe: Recipe) -> str:
    """Decode, trim and log-mel of 44.1 kHz WAV files, beside librosa."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / f"{i}.wav") for i in range(CLIPS)]
        for seed, path in enumerate(paths):
            noise = 0.1 * np.random.default_rng(seed).standard_normal(SECONDS * RATE)
            sf.write(path, noise, RATE, subtype="PCM_16")
        ours, theirs = alternate(
            lambda: list(compute_features(paths, recipe.front_end)),
            lambda: [_librosa_picture(path, recipe) for path in paths],
        )
    sound = CLIPS * SECONDS
    return (
        f"decode + trim + log-mel: {sound / ours:,.0f} times real time; librosa {sound / theirs:,.0f}; "
        f"{theirs / ours:.1f} times as fast"
    )


def _librosa_picture(path: str, recipe: Recipe) -> np.ndarray:
    """The same picture by librosa, one clip after the other."""
    import librosa  # of the extra `test`: the other benchmarks run without it

    mel = recipe.front_end.log_mel
    clip, _ = librosa.effects.trim(sf.read(path, dtype="float32")[0], top_db=recipe.front_end.trim_db)
    power = librosa.feature.melspectrogram(
        y=clip,
        sr=mel.sample_rate,
        n_fft=mel.n_fft,
        hop_length=mel.hop_length,
        n_mels=mel.n_mels,
        fmin=mel.fmin,
        fmax=mel.fmax,
        pad_mode="reflect",
    )
    return librosa.power_to_db(power, amin=1e-10, top_db=mel.top_db)


def training(recipe: Recipe, data_dir: str | None, cache_dir: str | None) -> str:
    """Clips/s of epochs of `fit` from the source, beside the bare training step on one batch."""
    material = gather(recipe, read_or_make(data_dir), cache_dir)
    steps = -(-len(material.curated) // recipe.batch_size)
    rows = np.resize(material.curated, steps * recipe.batch_size)  # whole batches alone, as the bare step has
    with dtype_policy(resolve_precision(recipe.precision)):
        classes = material.targets.shape[1]
        networks = build_networks(recipe, material.source, classes, material.statistics(rows))
    batches = training_batches(material.source, rows, material.targets, recipe.batch_size, range(EPOCHS), (0, 0))
    model, one = networks.training, next(iter(batches))
    bar = Progress([0], EPOCHS, {}).of_steps(0)
    step = tf.function(model.train_step)

    def bare():
        for _ in range(EPOCHS * steps):
            step(one)
        model.optimizer.iterations.numpy()  # waits for the last step

    whole, alone = alternate(
        lambda: model.fit(batches, epochs=EPOCHS, steps_per_epoch=steps, verbose=0, shuffle=False, callbacks=[bar]),
        bare,
    )
    read = seconds(lambda: list(batches))
    clips = EPOCHS * len(rows)
    return (
        f"{networks.saved.name}: training loop {clips / whole:.1f} clips/s, bare step {clips / alone:.1f}; "
        f"{alone / whole:.1%} of it; the pipeline alone gives {clips / read:,.0f} clips/s"
    )
