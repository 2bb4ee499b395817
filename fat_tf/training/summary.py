"""What a run says before it starts and after it has ended."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from fat_tf.errors import listed
from fat_tf.metrics import with_interval
from fat_tf.models.device import describe_device
from fat_tf.training.clip_sets import name_of_set
from fat_tf.training.networks import Networks
from fat_tf.training.progress import Progress, clock
from fat_tf.training.recipe import Recipe
from fat_tf.training.run_data import RunData
from fat_tf.training.schedules import WarmupCosine
from fat_tf.training.stage import Stage, unrolled

TRAIN_TO_INFER = 3.7  # a training step's time in forward passes, measured for M3; the estimate says "about"
WEAKEST = 3


def summary(
    recipe: Recipe, data: RunData, networks: Networks, folds: list[int], precision: str, progress: Progress
) -> str:
    """Data, classes, folds, model, device and estimated time, a line each."""
    dataset = data.dataset
    counts = [f"{n} {source}" for source, n in dataset.clips["source"].value_counts(sort=False).items()]
    model = networks.saved
    seconds = _epoch_seconds(recipe, data, networks) * progress.epochs_left()
    lines = {
        "Data": f"{dataset.folder}: {', '.join(counts)} clips, {len(dataset.vocabulary)} classes",
        "Stages": ", then ".join(
            f"{stage.name} ({name_of_set(stage.data)}, {_length(stage)})" for stage in unrolled(recipe.stages)
        ),
        "Folds": f"{listed(folds)} of {data.folds.max() + 1}; {len(data.test)} test clips scored at the end",
        "Model": f"{model.name}, {model.count_params():,} parameters, input {recipe.front_end.picture_shape}",
        "Device": f"{describe_device()}, {precision}",
        "Estimated": f"about {clock(seconds)} (measured on one batch)",
    }
    return "\n".join(f"{name:<10} {text}" for name, text in lines.items())


def _length(stage: Stage) -> str:
    if stage.steps:
        return f"about {stage.steps} steps"
    return f"{'up to ' * (not isinstance(stage.schedule, WarmupCosine))}{stage.schedule.epochs} epochs"


def _epoch_seconds(recipe: Recipe, data: RunData, networks: Networks) -> float:
    """Seconds an epoch, from the time that a batch takes forwards."""
    batch = tf.zeros((recipe.batch_size, *data.source.input_shape))
    infer = tf.function(lambda clips: networks.scoring(clips, training=False))
    infer(batch)  # builds the graph
    clip = min(_seconds(lambda: infer(batch).numpy()) for _ in range(2)) / recipe.batch_size
    held_out = len(data.curated) / (data.folds.max() + 1)
    trained = len(data.curated) - held_out + len(data.noisy) * recipe.stages[0].uses_noisy
    return clip * (trained * TRAIN_TO_INFER + held_out * recipe.validation_windows)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def closing(metrics: dict[str, object], run_dir: Path) -> str:
    """The results, and what to do next."""
    lines = [
        f"Out-of-fold lwlrap {_with_interval(metrics, 'lwlrap')} pooled, {metrics['lwlrap_mean_of_folds']:.3f} mean of "
        "the folds",
        f"Top-class accuracy {_with_interval(metrics, 'accuracy')}",
        "Folds: " + ", ".join(f"{value:.3f}" for value in metrics["folds"]),
        f"Weakest classes: {_weakest(metrics['per_class'])}",
    ]
    if "checkpoint_optimism" in metrics:
        flattery = metrics["checkpoint_optimism"]
        lines.append(f"Choosing checkpoints by the folds' own clips would have flattered them by {flattery:.3f}")
    if test := metrics.get("test"):
        lines.append(f"Test lwlrap {_with_interval(test, 'lwlrap')}, chance {test['chance']:.3f}")
        if "baseline" in test:
            lines.append(f"Linear baseline {test['baseline']:.3f}; the model gains {_with_interval(test, 'gain')}")
    return "\n".join([*lines, "", "Next:", *(f"  {line}" for line in _next_steps(metrics, run_dir))])


def _with_interval(metrics: dict[str, object], name: str) -> str:
    return with_interval(metrics[name], metrics[f"{name}_ci95"])


def _weakest(per_class: dict[str, float]) -> str:
    order = np.argsort(list(per_class.values()))[:WEAKEST]
    names = list(per_class)
    return ", ".join(f"{names[i]} {per_class[names[i]]:.3f}" for i in order)


def _next_steps(metrics: dict[str, object], run_dir: Path) -> list[str]:
    scores = "test_scores.csv" if "test" in metrics else "oof_scores.csv"
    return [
        f"tensorboard --logdir={run_dir}    # curves and configuration",
        f"less {run_dir / 'metrics.json'}    # every class; the scores are in {scores} beside it",
        "python tools/train.py --gin_file=m3.gin --data_dir=YOUR_SOUNDS    # a folder with a CSV fname,labels",
    ]
