"""What a fold needs to go on after a stop: weights, optimiser, seeds, best score, history; in one file."""

import io
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from fat_tf.files import written_whole

COLUMNS = ("stage", "epoch", "lr", "loss", "val_loss", "lwlrap", "val_lwlrap", "seconds", "clips_per_second")
STAGE = "fit"


@dataclass
class FoldState:
    """Progress of a fold: best validation lwlrap so far, and a row an epoch."""

    best: float = -1.0
    history: list[dict[str, object]] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        """Epochs that are done."""
        return len(self.history)

    def table(self) -> pd.DataFrame:
        """history.csv."""
        return pd.DataFrame(self.history, columns=list(COLUMNS))


def save_state(folder: Path, model: keras.Model, state: FoldState) -> None:
    """Write the state, whole."""
    arrays = {f"v{i}": variable.numpy() for i, variable in enumerate(_variables(model))}
    with written_whole(folder / "state.npz") as unfinished, open(unfinished, "wb") as file:
        np.savez(file, best=state.best, history=state.table().to_csv(index=False), **arrays)


def load_state(folder: Path, model: keras.Model) -> FoldState:
    """Set the model to where the fold stopped; a fresh state where it has not begun."""
    file = folder / "state.npz"
    if not file.exists():
        return FoldState()
    with np.load(file) as saved:
        for i, variable in enumerate(_variables(model)):
            variable.assign(saved[f"v{i}"])
        history = pd.read_csv(io.StringIO(str(saved["history"])), float_precision="round_trip")
        return FoldState(float(saved["best"]), history.to_dict("records"))


def _variables(model: keras.Model) -> list:
    """Weights, moving statistics and seeds of the layers, and all of the optimiser's."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    metrics = {id(variable) for metric in model.metrics for variable in metric.variables}
    of_layers = [variable for variable in model.variables if id(variable) not in metrics]
    return [*of_layers, *model.optimizer.variables]
