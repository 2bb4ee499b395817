"""Whether an exported model scores sounds as the runs do, seen from a fresh process."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soxr

from fat_tf.audio.decode import encoded, load_audio
from fat_tf.data import make_synthetic
from fat_tf.errors import UserError
from fat_tf.export import fresh_process
from fat_tf.files import plain_path
from fat_tf.inference.clip_list import find_clips
from fat_tf.inference.predictor import ClipScore, Predictor

SOUNDS = 6
OTHER_RATES = (16000, 48000)  # Hz
OWN, RESAMPLED = "own_", "resampled_"  # how the names of sounds begin
NO_SOUND = "text.wav"
LIMITS = {OWN: 1e-4, RESAMPLED: 2e-2}  # of float32: resamplers differ where they begin to cut
REDUCED_LIMIT = 0.25  # of any other precision: what is usual is told, and only what is broken differs by more


def verify(model: Path, predictor: Predictor, float32: bool) -> str:
    """Run a SavedModel in a process without this package, on sounds of several rates and a file that is none.

    Args:
        model: folder of the SavedModel.
        predictor: of the same runs in float32.
        float32: whether the model computes in it.

    Returns:
        How much the scores differ, in words.

    Raises:
        UserError: it fails there, or its scores are others.
    """
    with tempfile.TemporaryDirectory() as folder:
        sounds = Path(folder) / "sounds"
        _write_sounds(sounds, predictor.sample_rate)
        out = _in_fresh_process(model, sounds, Path(folder) / "out.npz")
        expected = list(predictor(find_clips([sounds])))
    failed = [scored.clip.fname for scored, error in zip(expected, out["error"], strict=True) if error]
    if failed != [NO_SOUND]:
        raise UserError(f"The exported model has no scores for {failed}, the runs for {NO_SOUND} alone: it is not kept")
    largest = {kind: _largest_difference(kind, expected, out["scores"]) for kind in LIMITS}
    told = f"at most {largest[OWN]:.1e} at {predictor.sample_rate} Hz and {largest[RESAMPLED]:.1e} at other rates"
    if any(not largest[kind] <= (limit if float32 else REDUCED_LIMIT) for kind, limit in LIMITS.items()):
        raise UserError(f"The exported model's scores differ from those of the runs, {told}: it is not kept")
    return f"scores of {SOUNDS} test sounds differ from the runs' float32 scores by {told}"


def _largest_difference(kind: str, expected: Sequence[ClipScore], scores: np.ndarray) -> float:
    """Of the sounds whose names begin so."""
    pairs = zip(expected, scores, strict=True)
    return max(np.abs(row - scored.scores).max() for scored, row in pairs if scored.clip.fname.startswith(kind))


def probe_sounds(sample_rate: int) -> list[np.ndarray]:
    """Sounds (samples,) float32 at a rate in Hz: test clips of the built-in data set."""
    with tempfile.TemporaryDirectory() as scratch:
        made = make_synthetic(Path(scratch) / "synthetic", curated=1, noisy=1, test=SOUNDS)
        return [load_audio(str(file), sample_rate)[0].numpy() for file in sorted((made / "test").iterdir())]


def _write_sounds(folder: Path, rate: int) -> None:
    """The test sounds as 16-bit WAV: in stereo at a rate in Hz, and in mono at others."""
    folder.mkdir()
    (folder / NO_SOUND).write_text("no sound", "utf-8")
    for number, samples in enumerate(probe_sounds(rate)):
        stereo, other = np.stack([samples, 0.5 * samples], axis=1), OTHER_RATES[number % len(OTHER_RATES)]
        (folder / f"{OWN}{number}.wav").write_bytes(encoded(stereo, rate))
        (folder / f"{RESAMPLED}{number}.wav").write_bytes(encoded(soxr.resample(samples, rate, other), other))


def _in_fresh_process(model: Path, sounds: Path, output: Path) -> dict[str, np.ndarray]:
    with plain_path(model) as path:
        command = [sys.executable, "-P", fresh_process.__file__, path, str(sounds), str(output)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise UserError(f"The exported model does not run in a fresh process, and is not kept: {last}")
    return dict(np.load(output))
