"""From sound files to log-mels, beside librosa."""

import tempfile
from pathlib import Path

import numpy as np

from fat_tf.audio.decode import encoded
from fat_tf.benchmark.timing import alternate
from fat_tf.data.features import compute_features
from fat_tf.training.recipe import Recipe

CLIPS, SECONDS, RATE = 200, 10, 44100


def features(recipe: Recipe) -> str:
    """Decode, trim and log-mel of 44.1 kHz WAV files, beside librosa."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / f"{i}.wav") for i in range(CLIPS)]
        for seed, path in enumerate(paths):
            noise = 0.1 * np.random.default_rng(seed).standard_normal(SECONDS * RATE)
            Path(path).write_bytes(encoded(noise, RATE))
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
    clip, _ = librosa.effects.trim(librosa.load(path, sr=None)[0], top_db=recipe.front_end.trim_db)
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
