"""The score files of a blend: what is blended, what is fitted to or judged on, and the truth of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fat_tf.errors import UserError, listed
from fat_tf.evaluation.truth import Labels, Truth, labels_of_file, labels_of_run, read_truth
from fat_tf.runs.run_labels import knows_its_data
from fat_tf.runs.score_table import OUT_OF_FOLD, TEST, ScoreTable, aligned, read_scores, score_file, spelled_as


@dataclass(frozen=True)
class Members:
    """Scores of several models for the same clips: files (members,), scores (members, clips, classes) float64."""

    files: tuple[str, ...]
    fnames: tuple[str, ...]
    vocabulary: tuple[str, ...]
    scores: np.ndarray


@dataclass(frozen=True)
class JudgedMembers:
    """Members and the truth of their clips; `clips` says in words which these are."""

    members: Members
    truth: Truth
    clips: str


@dataclass(frozen=True)
class BlendInputs:
    """Where the scores of a blend are, and the truth.

    Args:
        places: a score file or a run directory for each member; of runs the test scores are blended.
        oof: out-of-fold score files, in the order of `places`; without them those of the runs, if all places are runs.
        truth: CSV with fname and labels; it may have further clips. None: the labels of the first run, if it has some.

    Raises:
        UserError: one member alone, not one out-of-fold file for each, or these without a truth.
    """

    places: Sequence[str]
    oof: Sequence[str] = ()
    truth: str | None = None

    def __post_init__(self):
        if len(self.places) < 2:
            raise UserError("A blend needs two score files or run directories at least")
        if self.oof and not self.knows_labels:
            raise UserError("--oof needs --truth, the labels of the out-of-fold clips")
        if self.oof and len(self.oof) != len(self.places):
            numbers = f"{len(self.oof)} times for {len(self.places)} members"
            raise UserError(f"--oof is given {numbers}: give one for each, in their order")

    def holds(self, file: str) -> bool:
        """Whether this is one of the files, or a score file of one of the runs."""
        places = [Path(place) for place in (*self.places, *self.oof, self.truth) if place]
        files = [place / name for place in places for name in ("", TEST, OUT_OF_FOLD)]
        return Path(file).resolve() in [place.resolve() for place in files]

    def blended_files(self) -> list[Path]:
        """Score files to blend.

        Raises:
            UserError: a run without, a file twice.
        """
        return _each_once(self.places, [score_file(place, TEST) for place in self.places])

    def out_of_fold_files(self) -> list[Path]:
        """Score files to fit to, one a member, or none.

        Raises:
            UserError: a run without, a file twice.
        """
        runs = self.places if all(Path(place).is_dir() for place in self.places) else ()
        return _each_once(self.oof or runs, [score_file(place, OUT_OF_FOLD) for place in self.oof or runs])

    @property
    def knows_labels(self) -> bool:
        """Whether there is something to fit to or to judge by."""
        return bool(self.truth or self._run)

    @property
    def _run(self) -> str | None:
        return next((place for place in self.places if knows_its_data(place)), None)

    def _labels(self, part: str) -> Labels:
        return labels_of_file(self.truth) if self.truth else labels_of_run(self._run, part)

    def read_judged(self, blended: Members, fitted: bool) -> JudgedMembers | None:
        """The members that a blend is judged on, and fitted to.

        The out-of-fold scores if the blend is fitted; else the blended ones if their labels are known. Where
        there are none out of fold, the blended ones must be. None: nobody asked, and no run knows labels of the clips.

        Raises:
            UserError: a truth that does not label all clips, or is wrong; out-of-fold scores of other classes, or of
                some members alone.
        """
        labels = self._labels(TEST)
        is_known = set(spelled_as(blended.fnames, labels.rows["fname"])).issuperset(blended.fnames)
        files = self.out_of_fold_files() if fitted or not is_known else []
        if not (self.truth or fitted or is_known or files):
            return None
        if fitted and not files and any(Path(place).is_dir() for place in self.places):
            raise UserError("Some members are runs and others files: say with --oof what to fit to, once a member")
        members = _with_classes_of(blended, read_members(files)) if files else blended
        kind = "out-of-fold clips" if files else "blended clips" + fitted * ", which must be out of fold,"
        labels = self._labels(OUT_OF_FOLD) if files else labels
        further = len(labels.rows) - len(members.fnames)
        aside = f" ({further} more there have no scores)" if further else ""
        clips = f"{len(members.fnames)} {kind} with the labels of {labels.name}{aside}"
        return JudgedMembers(members, _truth(members, labels), clips)


def _each_once(places: Sequence[str], files: list[Path]) -> list[Path]:
    """The files of these places, if they are different ones."""
    resolved = [file.resolve() for file in files]
    if twice := [place for place, file in zip(places, resolved, strict=True) if resolved.count(file) > 1]:
        same = f"{listed(twice)}: the same scores twice" if len(set(twice)) > 1 else f"{twice[0]} is named twice"
        raise UserError(f"{same}. Name each member once; --method=weighted counts one more than another")
    return files


def _truth(members: Members, labels: Labels) -> Truth:
    labelled = set(spelled_as(members.fnames, labels.rows["fname"]))
    if lacking := [fname for fname in members.fnames if fname not in labelled]:
        raise UserError(
            f"{labels.name} has no labels for clips of {members.files[0]}: {listed(lacking)}. "
            "Give the labels of these clips, or with --oof the scores of those that are labelled"
        )
    table = ScoreTable(members.files[0], members.fnames, members.vocabulary, members.scores[0])
    return read_truth(labels, table, common_clips=True)[1]


def read_members(files: Sequence[Path]) -> Members:
    """The scores of all files, in the order of clips and classes of the first one.

    Raises:
        UserError: a file that is wrong, or files of different clips or classes.
    """
    tables = aligned([read_scores(file) for file in files])
    scores = np.stack([table.scores for table in tables])
    return Members(tuple(table.name for table in tables), tables[0].fnames, tables[0].vocabulary, scores)


def _with_classes_of(blended: Members, out_of_fold: Members) -> Members:
    """Out-of-fold scores with the classes in the order of the blended ones."""
    if other := sorted(set(blended.vocabulary) ^ set(out_of_fold.vocabulary)):
        raise UserError(f"{blended.files[0]} and {out_of_fold.files[0]} have different classes: {listed(other)}")
    order = [out_of_fold.vocabulary.index(name) for name in blended.vocabulary]
    return replace(out_of_fold, vocabulary=blended.vocabulary, scores=out_of_fold.scores[..., order])
