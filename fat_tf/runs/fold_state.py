"""What a fold needs to go on after a stop: weights, optimiser, seeds, best score, history; in one file."""

import io
import os
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from fat_tf.files import written_whole
from fat_tf.runs.directory import MODEL

COLUMNS = ("stage", "epoch", "lr", "loss", "val_loss", "lwlrap", "val_lwlrap", "seconds", "clips_per_second")
HELD_OUT = "held_out_lwlrap"  # a last column where an inner split chooses the checkpoint
FILE = "state.npz"


@dataclass
class FoldState:
    """Progress of a fold: best validation lwlrap so far, the epoch that had it, and a row an epoch.

    Epochs are counted from 1 over all stages.
    """

    best: float = -1.0
    best_epoch: int = 0
    history: list[dict[str, object]] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        """Epochs that are done, of all stages."""
        return len(self.history)

    def losses(self, stage: str) -> list[float]:
        """Validation losses of the epochs of a stage."""
        return [row["val_loss"] for row in self.history if row["stage"] == stage]

    def table(self) -> pd.DataFrame:
        """history.csv."""
        inner = any(HELD_OUT in row for row in self.history)
        return pd.DataFrame(self.history, columns=[*COLUMNS, HELD_OUT] if inner else list(COLUMNS))


def save_state(folder: Path, model: keras.Model, state: FoldState) -> None:
    """Write the state, whole, with the variables of the stage's model."""
    arrays = {f"v{i}": variable.numpy() for i, variable in enumerate(_variables(model))}
    history = state.table().to_csv(index=False)
    with written_whole(folder / FILE) as unfinished, open(unfinished, "wb") as file:
        np.savez(file, best=state.best, best_epoch=state.best_epoch, history=history, **arrays)


def save_best(folder: Path, saved: keras.Model, state: FoldState) -> None:
    """Write the best model under the name of its epoch: the state that names it is still to be written."""
    with written_whole(_candidate(folder, state)) as unfinished:
        saved.save(unfinished)


def adopt_best(folder: Path, state: FoldState) -> None:
    """Give the best model that the state speaks of its final name, if that was not done before a stop."""
    candidate = _candidate(folder, state)
    if candidate.exists():
        os.replace(candidate, folder / MODEL)


def _candidate(folder: Path, state: FoldState) -> Path:
    return folder / "state" / f"best-{state.best_epoch}.keras"


def load_state(folder: Path) -> FoldState:
    """Where the fold stopped; a fresh state where it has not begun."""
    if not (folder / FILE).exists():
        return FoldState()
    with np.load(folder / FILE) as saved:
        history = pd.read_csv(io.StringIO(str(saved["history"])), float_precision="round_trip")
        return FoldState(float(saved["best"]), int(saved["best_epoch"]), history.to_dict("records"))


def restore_variables(folder: Path, model: keras.Model) -> None:
    """Set the model of the stage that was saved to where it stopped."""
    with np.load(folder / FILE) as saved:
        for i, variable in enumerate(_variables(model)):
            variable.assign(saved[f"v{i}"])


def _variables(model: keras.Model) -> list:
    """Weights, moving statistics and seeds of the layers, and all of the optimiser's."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    metrics = {id(variable) for metric in model.metrics for variable in metric.variables}
    of_layers = [variable for variable in model.variables if id(variable) not in metrics]
    return [*of_layers, *model.optimizer.variables]
