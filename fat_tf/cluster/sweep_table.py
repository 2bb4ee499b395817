"""What a sweep found: its trials, the best first, and the values of the best as a configuration."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd
from tensorboard.plugins.hparams import api_pb2
from tensorboard.plugins.hparams.summary import session_end_pb

from fat_tf.cluster.sweep import Trial
from fat_tf.cluster.sweep_plan import Asked, SweepPlan
from fat_tf.data.csv_text import csv_text
from fat_tf.files import write_text
from fat_tf.runs.file_names import HISTORY, METRICS
from fat_tf.runs.follow import history_rows
from fat_tf.runs.results import read_results
from fat_tf.runs.run_state import unlocked_state
from fat_tf.terminal import Column, fitting, table
from fat_tf.training.board.event_file import written_anew
from fat_tf.training.board.run_board import RESULTS
from fat_tf.training.board.summaries import scalar

FIGURES = ("trial", "val_lwlrap", "lwlrap", "epochs", "state")
TABLE, BEST = "sweep.csv", "best.gin"


def sweep_table(plan: SweepPlan, asked: Asked, failed: Collection[str] = ()) -> pd.DataFrame:
    """A row a trial that has an epoch, the best first: FIGURES, then the values that were drawn.

    Args:
        plan: the trials.
        asked: what they trained.
        failed: names of those that could not be trained to their end.
    """
    rows = [_row(trial, asked) | ({"state": "failed"} if trial.name in failed else {}) for trial in plan.trials]
    return pd.DataFrame(sorted((row for row in rows if row["epochs"]), key=lambda row: -row["val_lwlrap"]))


def _row(trial: Trial, asked: Asked) -> dict[str, object]:
    run = asked.folder / trial.name
    file = run / f"fold_{asked.fold}" / HISTORY
    worth = [float(row["val_lwlrap"]) for row in (history_rows(file.parent) if file.exists() else [])]
    kept = worth[-1:] if asked.by_last else worth
    lwlrap = read_results(run).out_of_fold.lwlrap if (run / METRICS).exists() else None
    figures = trial.name, max(kept, default=0.0), lwlrap, len(worth), unlocked_state(run)
    return dict(zip(FIGURES, figures, strict=True)) | dict(trial.values)


def sweep_lines(found: pd.DataFrame, width: int) -> list[str]:
    """The table for people; `width`: columns of a line."""
    names = [FIGURES[0], FIGURES[1], *found.columns[len(FIGURES) :], *FIGURES[2:]]
    columns = [Column(name, [_shown(value) for value in found[name]], name not in ("trial", "state")) for name in names]
    return [
        f"val_lwlrap: of the clips that judge the trials, in the kept epoch; lwlrap: of the fold ({TABLE} has all)",
        *table(fitting(columns, width)),
    ]


def _shown(value: object) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.4g}"
    return str(value)


def write_sweep(found: pd.DataFrame, trials: Sequence[Trial], folder: Path) -> Path:
    """Write sweep.csv, best.gin, and for TensorBoard what each trial is worth; returns best.gin.

    Args:
        found: of `sweep_table`.
        trials: of the sweep.
        folder: of the sweep.
    """
    write_text(folder / TABLE, csv_text(found))
    best = next(trial for trial in trials if trial.name == found["trial"].iloc[0])
    worth = found["val_lwlrap"].iloc[0]
    heading = f"# {best.name} of {len(found)}, val_lwlrap {worth:.4f}: a file to give after the model's.\n"
    write_text(folder / BEST, heading + "".join(f"{binding}\n" for binding in best.bindings))
    for row in found.itertuples():
        file = written_anew(folder / row.trial / RESULTS, "sweep")
        file.add(scalar("sweep/val_lwlrap", row.val_lwlrap, "Best of the clips that judge the trials"), row.epochs)
        file.add(session_end_pb(api_pb2.STATUS_SUCCESS), row.epochs)
        file.flush()
    return folder / BEST
