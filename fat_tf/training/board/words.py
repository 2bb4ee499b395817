"""Texts of a run for TensorBoard, in Markdown."""

import json
from pathlib import Path

import keras
import numpy as np

from fat_tf.parts import name_of
from fat_tf.training.board.summaries import block, escaped, table
from fat_tf.training.clip_sets import name_of_set
from fat_tf.training.run_data import RunData
from fat_tf.training.stage import Stage

WIDTH = 110  # letters of a line


def stage_in_words(stage: Stage, clips: int, steps: int) -> str:
    """What a stage trains on, from which weights, how long; `clips` in all, `steps` an epoch."""
    start = stage.start if "/" not in stage.start else Path(stage.start).name
    made = [name_of(part) for part in (*stage.waveform_augmentations, *stage.augmentations)]
    augmented = f"augmented by {', '.join(made)}" if made else "not augmented"
    parts = (
        f"{name_of_set(stage.data)}, {clips} clips",
        f"at most {stage.schedule.epochs} epochs of {steps} steps",
        f"from {start} weights",
        augmented,
    )
    return f"**{escaped(stage.name)}**: {escaped('; '.join(parts))}"


def data_in_words(data: RunData) -> str:
    """Clips of each class by where they come from, and of each fold."""
    sources = {source: rows for source, rows in data.labelled.items() if len(rows)}
    counts = {source: data.targets[rows].sum(axis=0).astype(int) for source, rows in sources.items()}
    rows = [[name, *(counts[source][k] for source in sources)] for k, name in enumerate(data.dataset.vocabulary)]
    rows.append(["without a label", *((~data.targets[of].any(axis=1)).sum() for of in sources.values())])
    rows.append(["all clips", *(len(of) for of in sources.values())])
    folds = table(("fold", "curated clips"), enumerate(np.bincount(data.folds)))
    return f"{escaped(str(data.dataset.folder))}\n\n{table(('class', *sources), rows)}\n\n{folds}"


def model_in_words(network: keras.Model) -> str:
    """Keras' summary."""
    lines: list[str] = []
    network.summary(line_length=WIDTH, print_fn=lambda line, **_: lines.append(line))
    return block("\n".join(lines))


def environment_in_words(environment: dict[str, object]) -> str:
    """Versions, devices, command line and commit."""
    return block(json.dumps(environment, indent=1))
