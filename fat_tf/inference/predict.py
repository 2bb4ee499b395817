"""Sounds to a file of scores, or to lines for a person to read."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from fat_tf.errors import UserError, listed
from fat_tf.files import write_text
from fat_tf.inference.clips import Clip, find_clips
from fat_tf.inference.models import Models, load_runs
from fat_tf.inference.output import ScoreWriter, not_done
from fat_tf.inference.prediction import ClipScore, Prediction, Predictor


def predict(
    prediction: Prediction,
    run_dirs: Sequence[str | Path],
    audio: Sequence[str | Path],
    output: str | Path,
    top: int | None = None,
    resume: bool = False,
    missing: float | None = None,
) -> int:
    """Score clips with all folds of the runs, into a CSV.

    Args:
        prediction: how.
        run_dirs: finished runs; several give their mean.
        audio: files, folders, CSV lists.
        output: in the submission's format. Clips that cannot be read are listed in OUTPUT.errors.csv.
        top: write the long format, with the `top` highest scores of each clip.
        resume: go on where an interrupted call stopped.
        missing: score of every class for clips that cannot be read; None leaves them out.

    Returns:
        How many clips have no scores.

    Raises:
        UserError: for everything that the user can mend.
    """
    output, clips = Path(output), find_clips(audio)
    models = load_runs(run_dirs, prediction.precision)
    settings = _fingerprint(models, prediction, top)
    with ScoreWriter(output, models.vocabulary, settings, top, resume) as out:
        left = not_done(clips, out.done)
        print(_summary(models, clips, left, resume), flush=True)
        scores = tqdm(Predictor(models, prediction)(left), "Scoring", len(left), unit="clip", disable=None)
        bad = _write_all(scores, out)
        if len(bad) == len(clips):
            raise UserError(f"None of the {len(clips)} clips can be read: {_first(bad)}")
        for score in bad if missing is not None else []:  # at the end: after an interruption they are tried again
            out.write(score.clip.fname, np.full(len(models.vocabulary), missing))
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
            out.write(score.clip.fname, score.scores)
    return bad


def print_tags(prediction: Prediction, run_dirs: Sequence[str | Path], audio: Sequence[str | Path], top: int) -> int:
    """Print the `top` tags of each clip; arguments, return and errors as in `predict`."""
    clips, models = find_clips(audio), load_runs(run_dirs, prediction.precision)
    print(f"By {listed(run_dirs)}", flush=True)
    bad = 0
    for score in Predictor(models, prediction)(clips):
        bad += bool(score.error)
        print(f"{score.clip.fname}: {f'cannot be read: {score.error}' if score.error else _tags(score, models, top)}")
    return bad


def _tags(score: ClipScore, models: Models, top: int) -> str:
    order = np.argsort(-score.scores, kind="stable")[:top]
    return ", ".join(f"{models.vocabulary[k]} {score.scores[k]:.2f}" for k in order)


def _fingerprint(models: Models, prediction: Prediction, top: int | None) -> str:
    """What scores of one file must have in common: models, windows, format."""
    files = [(str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns) for file in models.files]
    text = repr((files, models.policy, asdict(prediction), top))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _summary(models: Models, clips: list[Clip], left: list[Clip], resume: bool) -> str:
    folds = f"{len(models.files)} models, {len(models.vocabulary)} classes, {models.policy}"
    if not resume:
        return f"{len(clips)} clips; {folds}"
    return f"{len(clips)} clips, {len(clips) - len(left)} of them scored before by the same models; {folds}"


def _write_errors(file: Path, bad: list[ClipScore]) -> None:
    """List the clips without scores, or remove the list of an earlier call."""
    file.unlink(missing_ok=True)
    if bad:
        rows = [(score.clip.fname, score.clip.path, score.error) for score in bad]
        write_text(file, pd.DataFrame(rows, columns=["fname", "path", "error"]).to_csv(index=False))


def _about(bad: list[ClipScore], output: Path, missing: float | None) -> str:
    if not bad:
        return ""
    filled = "" if missing is None else f"; they have {missing} for every class"
    return f"\n{len(bad)} clips cannot be read, like {_first(bad)}: {output.name}.errors.csv lists them{filled}"


def _first(bad: list[ClipScore]) -> str:
    return f"{bad[0].clip.path} ({bad[0].error})"


def newest_run(folder: str | Path) -> Path:
    """The run below a folder that was finished last.

    Raises:
        UserError: there is none.
    """
    finished = list(Path(folder).glob("*/metrics.json"))
    if not finished:
        raise UserError(f"{folder}/ has no finished run: train one, or name one with --run_dir")
    return max(finished, key=lambda file: file.stat().st_mtime).parent
