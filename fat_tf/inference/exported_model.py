"""Scores of clips by an exported model."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from os import PathLike
from pathlib import Path

import numpy as np
import tensorflow as tf

from fat_tf.audio import FrontEnd
from fat_tf.audio.decode import DecodeError, LongSound, is_too_long
from fat_tf.audio.long_picture import draw_long
from fat_tf.data.windows import regular_starts
from fat_tf.errors import UserError, counted
from fat_tf.files import plain_path
from fat_tf.inference.clip_list import Clip
from fat_tf.inference.clip_pictures import SoundStream
from fat_tf.inference.predictor import ClipScore
from fat_tf.parts import blamed
from fat_tf.program import command_line

GRAPH, VARIABLES, SETTINGS = "saved_model.pb", "variables/variables.index", "model.json"
BATCH_SECONDS = 64  # of sound in a batch, padding included, unless one clip is longer

Sound = tuple[Clip, np.ndarray, str]  # clip, samples, error


class SavedModelPredictor:
    """Scores clips with a model of tools/export.py, as `Predictor` does with those of runs; it has the same attributes.

    Args:
        folder: what was given as --output, of which the newest version is taken, or one version.

    Raises:
        UserError: no such model.
    """

    def __init__(self, folder: str | PathLike):
        version = newest_version(Path(folder))
        with blamed(f"{version} cannot be read as a model of export (copy it anew, or export it again)"):
            about = json.loads((version / SETTINGS).read_text("utf-8"))
            _check_graph(version, about)
            self.vocabulary = tuple(about["labels"])
            self.sample_rate, self.window_seconds = about["sample_rate"], about["window_seconds"]
            self._load = SoundStream(self.sample_rate)
            self._count = about["windows"]
            self._front_ends = [FrontEnd.from_config(config) for config in about.get("front_ends", ())]
            self.description = (
                f"{version}, {counted(about['models'], 'model')}, {len(self.vocabulary)} classes, {about['precision']}"
            )
            with plain_path(version) as path:
                tf.saved_model.experimental.read_fingerprint(path)  # of a damaged one `load` logs a traceback
                self._model = tf.saved_model.load(path)  # kept, for its signatures hold no variables
            self._infer = self._model.signatures["waveform"]
            self._check(len(self.vocabulary))
        self.files = [version / GRAPH]
        self.settings = json.dumps(about)

    def _check(self, classes: int) -> None:
        """Whether it runs, and scores as many classes."""
        out = self._infer(waveform=tf.zeros([1, self.sample_rate]), lengths=tf.constant([self.sample_rate]))
        if out["scores"].shape[1] != classes:
            raise ValueError(f"{SETTINGS} has {classes} labels, and the graph {out['scores'].shape[1]} scores")

    def __call__(self, clips: Sequence[Clip]) -> Iterator[ClipScore]:
        """Scores of the clips in their order, with as few as possible in memory."""
        for batch in self._batches(self._load(clips)):
            results = iter(self._score([samples for _, samples, error in batch if not error]))
            for clip, _, error in batch:
                if is_too_long(error):
                    scores, error = self._score_long(clip.path)
                else:
                    scores, error = (None, error) if error else next(results)
                yield ClipScore(clip, scores, error)

    def _score_long(self, path: str) -> tuple[np.ndarray | None, str]:
        """(scores or None, error) of a long file: its windows are cut here, for the graph holds a sound whole."""
        try:
            if not self._front_ends:
                return self._score([LongSound(path, self.sample_rate).samples()])[0]
            windows = [self._windows(draw_long(path, front_end)[1], front_end) for front_end in self._front_ends]
        except (DecodeError, OSError) as error:
            return None, str(error)
        inputs = dict(zip(picture_names(len(windows)), map(tf.constant, windows), strict=True))
        return self._model.signatures["log_mel"](**inputs)["scores"].numpy().mean(axis=0, dtype=np.float64), ""

    def _windows(self, picture: np.ndarray, front_end: FrontEnd) -> np.ndarray:
        """(windows, mels, frames, channels) of a picture (mels, frames, channels)."""
        width = front_end.window_frames
        starts = regular_starts(picture.shape[1], width, self._count)
        return np.stack([picture[:, start : start + width] for start in starts])

    def score_sound(self, samples: np.ndarray) -> np.ndarray:
        """Scores (classes,) float64 of a sound (samples,) float32 at `sample_rate`.

        Raises:
            UserError: what the model has against it.
        """
        ((scores, error),) = self._score([samples])
        if error:
            raise UserError(f"The sound has no scores: {error}")
        return scores

    def _batches(self, stream: Iterable[Sound]) -> Iterator[list[Sound]]:
        """Clips that are padded to the longest one together."""
        batch, longest = [], 0
        for sound in stream:
            longest = max(longest, len(sound[1]))
            if batch and (len(batch) + 1) * longest > BATCH_SECONDS * self.sample_rate:
                yield batch
                batch, longest = [], len(sound[1])
            batch.append(sound)
        if batch:
            yield batch

    def _score(self, sounds: Sequence[np.ndarray]) -> list[tuple[np.ndarray | None, str]]:
        """(scores or None, error) of each sound."""
        if not sounds:
            return []
        lengths = np.array([len(samples) for samples in sounds], np.int32)
        padded = np.stack([np.pad(samples, (0, lengths.max() - len(samples))) for samples in sounds])
        out = self._infer(waveform=tf.constant(padded, tf.float32), lengths=tf.constant(lengths))
        errors = [error.decode() for error in out["error"].numpy()]
        scores = out["scores"].numpy().astype(np.float64)
        return [(None if error else row, error) for row, error in zip(scores, errors, strict=True)]


def _check_graph(version: Path, about: dict) -> None:
    """TensorFlow holds checksums of the variables alone against what it reads, and says much where they are gone."""
    if not (version / VARIABLES).is_file():
        raise FileNotFoundError(f"{VARIABLES} is missing")
    if about.get("graph_sha256", graph_sha256(version)) != graph_sha256(version):
        raise ValueError(f"{GRAPH} was changed, its checksum does not hold")


def graph_sha256(version: Path) -> str:
    """Of the graph of an exported model."""
    return hashlib.sha256((version / GRAPH).read_bytes()).hexdigest()


def picture_names(count: int) -> list[str]:
    """Inputs of the signature `log_mel`, one for each front end."""
    return ["log_mel", *(f"log_mel_{number}" for number in range(2, count + 1))]


def newest_version(folder: Path) -> Path:
    """The folder of an exported model's highest version, or the folder itself if it is one.

    Raises:
        UserError: there is none.
    """
    versions = [version for version in folder.glob("*") if version.name.isdigit()] if folder.is_dir() else []
    found = [place for place in (folder, *versions) if (place / GRAPH).is_file()]
    if not found:
        remedy = command_line("export", "--run_dir=RUN", f"--output={folder}")
        raise UserError(f"{folder} holds no exported model: make one with {remedy}")
    return max(found, key=lambda place: int(place.name) if place in versions else -1)
