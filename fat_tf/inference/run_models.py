"""The folds of finished runs, ready to score pictures together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from fat_tf.audio import FrontEnd
from fat_tf.errors import UserError, listed
from fat_tf.models.device import resolve_precision
from fat_tf.models.scoring import for_pictures
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.file_names import MODEL
from fat_tf.runs.labels import read_labels
from fat_tf.runs.manifest import read_manifest
from fat_tf.runs.model_file import read_model
from fat_tf.runs.own_parts import load_parts


@dataclass(frozen=True)
class Group:
    """Models that see the same pictures.

    front_end: draws them. networks: (batch, mels, frames, channels) in dB to logits (batch, classes), for any number of
    frames where they can. weights: of their sigmoids in the mean; over all groups they sum to 1.
    """

    front_end: FrontEnd
    networks: list[keras.Model]
    weights: list[float]


@dataclass(frozen=True)
class Models:
    """vocabulary: class of each score. files: what was loaded. policy: dtype policy it computes in."""

    vocabulary: tuple[str, ...]
    groups: list[Group]
    files: list[Path]
    policy: str


def load_runs(
    run_dirs: Sequence[str | Path],
    precision: str = "auto",
    weights: Sequence[float] | None = None,
    unfinished: bool = False,
) -> Models:
    """Load all finished folds of one or several runs: the weighted mean of the runs, each the mean of its folds.

    Args:
        run_dirs: folders of runs.
        precision: dtype policy; "auto" is mixed_bfloat16 where the hardware computes it.
        weights: of the runs; only their ratios count. None: all the same.
        unfinished: take what folds have that are not trained to their end, too.

    Raises:
        UserError: no run, a damaged one, no finished fold, runs of different classes, a file that is no model, own
            parts that cannot be imported side by side, weights that do not fit the runs.
    """
    shares = run_shares(run_dirs, weights)
    for run in run_dirs:
        load_parts(run)
    vocabulary = _shared_vocabulary(run_dirs)
    policy = resolve_precision(precision)
    groups: dict[str, Group] = {}
    files = []
    for run, share in zip(run_dirs, shares, strict=True):
        of_run = _model_files(Path(run), unfinished)
        for file in of_run:
            front_end, network = load_network(file, policy)
            group = groups.setdefault(front_end.key, Group(front_end, [], []))
            group.networks.append(network)
            group.weights.append(share / len(of_run))
        files += of_run
    return Models(vocabulary, list(groups.values()), files, policy)


def load_fold(run: Path, fold: int, precision: str = "auto") -> Models:
    """Load one finished fold of a run; `precision` and errors as in `load_runs`."""
    load_parts(run)
    policy, file = resolve_precision(precision), RunDirectory(run).fold(fold) / MODEL
    front_end, network = load_network(file, policy)
    return Models(read_labels(run), [Group(front_end, [network], [1.0])], [file], policy)


def run_shares(run_dirs: Sequence[str | Path], weights: Sequence[float] | None) -> list[float]:
    """What each run has in the mean: the weights, or equal ones, so that they sum to 1; errors as in `load_runs`."""
    weights = [1.0] * len(run_dirs) if weights is None else list(weights)
    if len(weights) != len(run_dirs) or not min(weights) >= 0 or not 0 < sum(weights) < float("inf"):
        raise UserError(f"Weights of 0 or more, one for each of the {len(run_dirs)} runs, not all 0; not {weights}")
    return [weight / sum(weights) for weight in weights]


def _shared_vocabulary(run_dirs: Sequence[str | Path]) -> tuple[str, ...]:
    vocabularies = [read_labels(Path(run)) for run in run_dirs]
    first = vocabularies[0]
    for run, theirs in zip(run_dirs, vocabularies, strict=True):
        if theirs != first:
            differing = listed(sorted(set(first) ^ set(theirs))) or "in another order"
            raise UserError(f"{run_dirs[0]} and {run} know different classes ({differing}): they have no mean")
    return first


def _model_files(run: Path, unfinished: bool) -> list[Path]:
    read_manifest(run)  # a damaged run is told
    directory = RunDirectory(run)
    done, begun = directory.scored_folds(), directory.begun_folds()
    if unfinished and (half := [fold for fold in begun if fold not in done]):
        print(f"{run}: fold {listed(half)} is not trained to its end; the weights it has are used", flush=True)
    elif not done:
        way_out = f"; --unfinished takes what fold {listed(begun)} has so far" if begun else ""
        raise UserError(
            f"{run} has no finished fold: repeat the command that trained it, with the same --run_dir{way_out}"
        )
    return [directory.fold(fold) / MODEL for fold in (begun if unfinished else done)]


def load_network(file: Path, policy: str) -> tuple[FrontEnd, keras.Model]:
    """A fold's front end, and its normalisation and network under a dtype policy, for pictures (see `for_pictures`).

    Raises:
        UserError: the file is no model of this package.
    """
    saved = read_model(file)
    return saved.front_end, for_pictures(saved.normalise, saved.network, policy, saved.front_end.picture_shape)
