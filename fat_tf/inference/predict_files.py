"""Sounds to a file of scores, or to lines for a person to read."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fat_tf import config
from fat_tf.data.csv_text import csv_text
from fat_tf.errors import UserError
from fat_tf.files import write_text
from fat_tf.inference.clip_list import Clip
from fat_tf.inference.exported_model import SavedModelPredictor
from fat_tf.inference.predictor import ClipScore, Predictor
from fat_tf.inference.run_models import load_runs
from fat_tf.inference.score_writer import ScoreWriter
from fat_tf.names import spelled
from fat_tf.notices import progress_bar


def predict(
    predictor: Predictor | SavedModelPredictor,
    clips: Sequence[Clip],
    output: str | Path,
    top: int | None = None,
    resume: bool = False,
    missing: float | None = None,
) -> int:
    """Score clips into a CSV.

    Args:
        predictor: of runs, or of an exported model.
        clips: of `find_clips`.
        output: in the submission's format. Clips that cannot be read are listed in OUTPUT.errors.csv.
        top: write the long format, with the `top` highest scores of each clip.
        resume: go on where an interrupted call stopped.
        missing: score of every class for clips that cannot be read; None leaves them out.

    Returns:
        How many clips have no scores.

    Raises:
        UserError: for everything that the user can mend.
    """
    output = Path(output)
    with ScoreWriter(output, predictor.vocabulary, _fingerprint(predictor, top), top) as out:
        left = out.begin(clips, resume)
        print(_summary(predictor, clips, left, resume), flush=True)
        scores = progress_bar(predictor(left), "Scoring", len(left), unit="clip")
        bad = _write_all(scores, out)
        if len(bad) == len(clips):
            out.partial.unlink()  # there is nothing in it to go on with
            raise UserError(f"None of the {len(clips)} clips can be read: {_first(bad)}")
        for score in bad if missing is not None else []:  # at the end: after an interruption they are tried again
            out.fill(score.clip, missing)
        _write_errors(output.with_name(f"{output.name}.errors.csv"), bad)
    print(f"{len(clips) - len(bad)} of {len(clips)} clips scored: {output}" + _about(bad, output, missing))
    return len(bad) if missing is None else 0


def _write_all(scores: Iterable[ClipScore], out: ScoreWriter) -> list[ClipScore]:
    """Write the clips that have scores; returns the others."""
    bad = []
    for score in scores:
        if score.error:
            bad.append(score)
        else:
            out.write(score.clip, score.scores)
    return bad


def print_tags(predictor: Predictor | SavedModelPredictor, clips: Sequence[Clip], top: int) -> int:
    """Print the `top` tags of each clip; returns how many have no scores."""
    print(f"By {predictor.description}", flush=True)
    bad = 0
    for score in predictor(clips):
        bad += bool(score.error)
        tags = f"cannot be read: {score.error}" if score.error else _tags(score, predictor.vocabulary, top)
        print(f"{score.clip.fname}: {tags}", flush=True)
    return bad


def _tags(score: ClipScore, vocabulary: Sequence[str], top: int) -> str:
    order = np.argsort(-score.scores, kind="stable")[:top]
    return ", ".join(f"{vocabulary[k]} {score.scores[k]:.2f}" for k in order)


def _fingerprint(predictor: Predictor | SavedModelPredictor, top: int | None) -> str:
    """What scores of one file must have in common: models, windows, how many classes."""
    files = [(str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns) for file in predictor.files]
    return hashlib.sha256(repr((files, predictor.settings, top)).encode()).hexdigest()[:8]


def _summary(predictor: Predictor | SavedModelPredictor, clips: Sequence[Clip], left: list[Clip], resume: bool) -> str:
    if not resume:
        return f"{len(clips)} clips; {predictor.description}"
    done = len(clips) - len(left)
    return f"{len(clips)} clips, {done} of them scored before by the same models; {predictor.description}"


def _write_errors(file: Path, bad: list[ClipScore]) -> None:
    """List the clips without scores, or remove the list of an earlier call."""
    file.unlink(missing_ok=True)
    if bad:
        rows = [(score.clip.fname, spelled(score.clip.path), score.error) for score in bad]
        write_text(file, csv_text(pd.DataFrame(rows, columns=["fname", "path", "error"])))


def _about(bad: list[ClipScore], output: Path, missing: float | None) -> str:
    if not bad:
        return ""
    filled = "" if missing is None else f"; they have {missing} for every class"
    return f"\n{len(bad)} clips cannot be read, like {_first(bad)}: {output.name}.errors.csv lists them{filled}"


def _first(bad: list[ClipScore]) -> str:
    return f"{bad[0].clip.path} ({bad[0].error})"


def of_runs(
    run_dirs: Sequence[str | Path], gin_files: Sequence[str], gin_params: Sequence[str], unfinished: bool = False
) -> Predictor:
    """The predictor of these runs, as a configuration wants it.

    `unfinished`: as in `load_runs`.

    Raises:
        UserError: a configuration or runs that cannot be used.
    """
    config.load(gin_files, gin_params)
    prediction = config.make("Prediction")
    config.check_all_read(gin_params)
    return Predictor(load_runs(run_dirs, prediction.precision, unfinished=unfinished), prediction)
