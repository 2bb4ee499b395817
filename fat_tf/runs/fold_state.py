"""What a fold needs to go on after a stop: weights, optimiser, seeds, best score, history; in one file."""

import io
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from fat_tf.errors import UserError
from fat_tf.files import read_arrays, write_arrays, write_text, written_whole
from fat_tf.runs.file_names import COLUMNS, HISTORY, MODEL, STATE
from fat_tf.runs.fold_scores import scored_stages

HELD_OUT = "held_out_lwlrap"  # a last column where an inner split chooses the checkpoint
FILE = "state.npz"  # in state/


@dataclass
class FoldState:
    """Progress of a fold: best validation lwlrap so far, the epoch whose model is kept, and a row an epoch.

    Epochs are counted from 1 over all stages. scored: names of the stages that the fold was scored after, none where
    it never was; what it has of these is model.keras, and of the stage after them state/.
    """

    best: float = -1.0
    kept_epoch: int = 0
    history: list[dict[str, object]] = field(default_factory=list)
    scored: tuple[str, ...] = ()

    @property
    def epochs(self) -> int:
        """Epochs that are done, of all stages."""
        return len(self.history)

    @property
    def stage(self) -> str | None:
        """Name of the stage that the fold stopped in, if it was in one."""
        last = self.history[-1]["stage"] if self.history else None
        return None if last in self.scored else last

    def losses(self, stage: str) -> list[float]:
        """Validation losses of the epochs of a stage."""
        return [row["val_loss"] for row in self.history if row["stage"] == stage]

    def table(self) -> pd.DataFrame:
        """history.csv."""
        inner = any(HELD_OUT in row for row in self.history)
        return pd.DataFrame(self.history, columns=[*COLUMNS, HELD_OUT] if inner else list(COLUMNS))


def save_state(folder: Path, model: keras.Model, state: FoldState) -> None:
    """Write the state, whole, with the variables of the stage's model, into a fold's folder."""
    arrays = {f"v{i}": variable.numpy() for i, variable in enumerate(_variables(model))}
    history = state.table().to_csv(index=False)
    progress = {"best": state.best, "best_epoch": state.kept_epoch, "history": history}
    write_arrays(folder / STATE / FILE, progress | arrays)


def save_kept(folder: Path, saved: keras.Model, state: FoldState) -> None:
    """Write the model to keep under the name of its epoch: the state that names it is still to be written."""
    with written_whole(_candidate(folder, state)) as unfinished:
        saved.save(unfinished)


def adopt_kept(folder: Path, state: FoldState) -> None:
    """Give the model that the state speaks of its final name, if that was not done before a stop."""
    candidate = _candidate(folder, state)
    if candidate.exists():
        os.replace(candidate, folder / MODEL)


def write_history(folder: Path, state: FoldState) -> None:
    """Write history.csv."""
    write_text(folder / HISTORY, state.table().to_csv(index=False))


def _candidate(folder: Path, state: FoldState) -> Path:
    return folder / STATE / f"best-{state.kept_epoch}.keras"


def clear_state(folder: Path) -> None:
    """Remove what a scored fold does not need any more: the optimiser's state, the last weights."""
    shutil.rmtree(folder / STATE, ignore_errors=True)


def open_state(folder: Path) -> FoldState:
    """Where a fold stopped; a fresh state where it has not begun. What a stop had left half done is done.

    Raises:
        UserError: a file of the fold is damaged.
    """
    scored = scored_stages(folder)
    if not (folder / STATE / FILE).exists():
        return _of_history(folder, scored) if scored else FoldState()
    saved = _read(folder, ("best", "best_epoch", "history"))
    rows = _history(io.StringIO(str(saved["history"]))).to_dict("records")
    state = FoldState(float(saved["best"]), int(saved["best_epoch"]), rows, scored)
    adopt_kept(folder, state)
    write_history(folder, state)
    if state.stage is None:  # it was stopped between its scores and the end of its state
        clear_state(folder)
    return state


def _of_history(folder: Path, scored: tuple[str, ...]) -> FoldState:
    table = read_history(folder)
    best = int(table["val_lwlrap"].idxmax())
    return FoldState(float(table["val_lwlrap"][best]), best + 1, table.to_dict("records"), scored)


def read_history(folder: Path) -> pd.DataFrame:
    """history.csv of a fold, to the last bit.

    Raises:
        UserError: it is missing or damaged.
    """
    try:
        return _history(folder / HISTORY)
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{folder / HISTORY} cannot be read ({error}): delete {folder}, and train it again") from error


def _history(file: Path | io.StringIO) -> pd.DataFrame:
    table = pd.read_csv(file, float_precision="round_trip", converters={"stage": str})  # a stage may be called "1"
    return table.astype({"val_lwlrap": float})


def restore_variables(folder: Path, model: keras.Model) -> None:
    """Set the model of the stage that was saved to where it stopped."""
    saved = _read(folder)
    for i, variable in enumerate(_variables(model)):
        variable.assign(saved[f"v{i}"])


def _read(folder: Path, names: tuple[str, ...] | None = None) -> dict[str, np.ndarray]:
    remedy = f"delete the folder {folder}, and the same command trains that fold again; the others are kept"
    return read_arrays(folder / STATE / FILE, remedy, names)


def _variables(model: keras.Model) -> list:
    """Weights, moving statistics and seeds of the layers, and all of the optimiser's."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    metrics = {id(variable) for metric in model.metrics for variable in metric.variables}
    of_layers = [variable for variable in model.variables if id(variable) not in metrics]
    return [*of_layers, *model.optimizer.variables]
