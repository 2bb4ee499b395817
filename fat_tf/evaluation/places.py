"""Score files and runs, judged by given labels or by those of the runs."""

from collections.abc import Sequence
from pathlib import Path

from fat_tf.data.csv_table import clean, read_table
from fat_tf.errors import UserError, listed
from fat_tf.evaluation.report import Report, evaluate_files
from fat_tf.evaluation.truth import labels_of_file, labels_of_run
from fat_tf.runs.score_table import OUT_OF_FOLD, TEST, read_scores, score_file

PARTS = {OUT_OF_FOLD: "out-of-fold", TEST: "test"}


def evaluate_places(places: Sequence[str], truth: str | None = None, common_clips: bool = False) -> Report:
    """Judge score files and runs, the first one in full and the others against it.

    Args:
        places: score files, or runs: where all are runs, their out-of-fold scores; where not, those of the same clips.
        truth: CSV with fname, labels and perhaps usage; None: the labels of the first run.
        common_clips: judge the clips that all have.

    Returns:
        As `evaluate_files`; of runs alone, without a truth, `test` is the same of their test scores if these clips have
        labels.

    Raises:
        UserError: a place that is not there, no truth and no run, runs without such scores, files that do not fit
            together.
    """
    if missing := next((place for place in places if not Path(place).exists()), None):
        raise UserError(f"{missing} does not exist: name a score file or a run")
    runs = [place for place in places if Path(place).is_dir()]
    if not runs and not truth:
        raise UserError("Give --truth, a CSV with fname and labels: only a run knows the labels of its clips")
    if runs and not truth and len(runs) == len(places):
        report = _judged(places, OUT_OF_FOLD, truth, common_clips)
        if all((Path(run) / TEST).is_file() for run in runs) and _knows_test_labels(runs[0]):
            report["test"] = _judged(places, TEST, truth, common_clips)
        return report
    return _judged(places, _part(places, runs[0], truth) if runs else "", truth, common_clips)


def _knows_test_labels(run: str) -> bool:
    """Whether all test clips of a run have labels."""
    return set(labels_of_run(run, TEST).rows["fname"]) == set(read_scores(Path(run) / TEST).fnames)


def _judged(places: Sequence[str], part: str, truth: str | None, common_clips: bool) -> Report:
    files = [score_file(place, part) for place in places]
    first_run = next((place for place in places if Path(place).is_dir()), None)
    labels = labels_of_file(truth) if truth else labels_of_run(first_run, part)
    return evaluate_files(files, labels, common_clips)


def _part(places: Sequence[str], run: str, truth: str | None) -> str:
    """The scores of a run that are of the clips of the truth, or of the first score file."""
    other = truth or next(place for place in places if not Path(place).is_dir())
    clips = set(map(clean, read_table(other, ["fname"])["fname"] if truth else read_scores(other).fnames))
    files = {part: Path(run) / part for part in PARTS if (Path(run) / part).is_file()}
    there = {part: set(map(clean, read_scores(file).fnames)) for part, file in files.items()}
    if not there:
        score_file(run, OUT_OF_FOLD)  # says that the run is to be finished
    best = max(there, key=lambda part: len(there[part] & clips))
    if not there[best] & clips:
        shown = "; ".join(f"{PARTS[part]} clips {listed(sorted(names), 3)}" for part, names in there.items())
        raise UserError(f"{run} has no scores of the clips of {other}: it has {shown}")
    return best
