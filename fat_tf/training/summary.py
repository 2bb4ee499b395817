"""What a run says before it starts and after it has ended."""

import numpy as np

from fat_tf.data.corrections import corrections_in_words
from fat_tf.data.groups import has_groups
from fat_tf.errors import listed
from fat_tf.metrics import with_interval
from fat_tf.metrics.false_alarms import false_alarms_in_words
from fat_tf.models.device import describe_device
from fat_tf.terminal import width_of, wrapped
from fat_tf.training.baseline import chance_lwlraps
from fat_tf.training.clip_sets import name_of_set
from fat_tf.training.distribution import strategy_of
from fat_tf.training.fold_data import noisy_kept_out
from fat_tf.training.networks import Networks
from fat_tf.training.recipe import Recipe
from fat_tf.training.run_data import RunData
from fat_tf.training.stage import Stage, unrolled

LWLRAP = (
    "label-weighted label-ranking average precision: for each label of a clip, the share of right classes among those "
    "that score at least as high; 1 is perfect, chance here"
)
INDENT = " " * 11  # of texts beside their names
WEAKEST = 3
MANY = 1000  # clips that tell what chance is


def summary(recipe: Recipe, data: RunData, networks: Networks, folds: list[int]) -> str:
    """Data, classes, folds, model, device, and what lwlrap is, a line each."""
    dataset = data.dataset
    counts = [f"{n} {source}" for source, n in dataset.clips["source"].value_counts(sort=False).items()]
    model = networks.saved
    lines = {
        "Data": f"{dataset.folder}: {', '.join(counts)} clips, {len(dataset.vocabulary)} classes",
        **_corrected(data),
        **_background(data),
        **_groups(recipe, data, folds),
        "Stages": ", then ".join(
            f"{stage.name} ({name_of_set(stage.data)}, {_length(stage)})" for stage in unrolled(recipe.stages)
        ),
        "Folds": f"{listed(folds)} of {data.folds.max() + 1}; {len(data.test)} test clips scored at the end",
        "Model": f"{model.name}, {model.count_params():,} parameters, input {recipe.front_end.picture_shape}",
        "Device": f"{describe_device()}, {recipe.policy}{_replicas(recipe)}",
        "lwlrap": f"{LWLRAP} {_chance(recipe, data):.2f}",
    }
    width = width_of()
    return "\n".join(line for name, text in lines.items() for line in wrapped(f"{name:<10} {text}", width, INDENT))


def _replicas(recipe: Recipe) -> str:
    """How many share each batch, if several do."""
    replicas = strategy_of(recipe.distribution).num_replicas_in_sync
    return f", {replicas} replicas" if replicas > 1 else ""


def _corrected(data: RunData) -> dict[str, str]:
    """What corrections change in the labels of the data set."""
    made = data.dataset.corrections
    return {} if made is None else {"Corrected": corrections_in_words(made)}


def _background(data: RunData) -> dict[str, str]:
    """How many clips have no label, where others of the same source have some."""
    empty = {source: int((~data.targets[rows].any(axis=1)).sum()) for source, rows in data.labelled.items()}
    counts = [f"{number} {source}" for source, number in empty.items() if number]
    said = f"{', '.join(counts)} clips without a label, as negatives of every class"
    return {"Background": said} if counts else {}


def _groups(recipe: Recipe, data: RunData, folds: list[int]) -> dict[str, str]:
    """How many groups the curated clips have, and how many noisy clips they keep out of the folds' training."""
    curated = data.clips.iloc[data.curated]
    number = len(np.unique(data.groups[data.curated]))
    kept_out = [noisy_kept_out(recipe, data, fold) for fold in folds]
    said = f"{number} among {len(curated)} curated clips"
    if any(kept_out):
        said += f"; noisy clips of what a fold is judged by, which it is not trained on: {listed(kept_out)}"
    return {"Groups": said} if has_groups(curated) else {}


def _length(stage: Stage) -> str:
    if stage.steps:
        return f"about {stage.steps} steps"
    return f"{'up to ' if stage.may_end_early else ''}{stage.schedule.epochs} epochs"


def _chance(recipe: Recipe, data: RunData) -> float:
    """lwlrap of random scores for the curated clips, or some of them."""
    truth = data.targets[data.curated[:MANY]]
    return float(np.mean(chance_lwlraps(truth, recipe.seed)))


def closing(metrics: dict[str, object]) -> str:
    """The results, a line each."""
    lines = [
        f"Out-of-fold lwlrap {_with_interval(metrics, 'lwlrap')} pooled, {metrics['lwlrap_mean_of_folds']:.3f} mean of "
        "the folds",
        f"Top-class accuracy {_with_interval(metrics, 'accuracy')}",
        "Folds: " + ", ".join(f"{value:.3f}" for value in metrics["folds"]),
        f"Weakest classes: {_weakest(metrics['per_class'])}",
    ]
    lines += _false_alarms(metrics, "")
    if "checkpoint_optimism" in metrics:
        flattery = metrics["checkpoint_optimism"]
        lines.append(f"Choosing checkpoints by the folds' own clips would have flattered them by {flattery:.3f}")
    if test := metrics.get("test"):
        lines.append(f"Test lwlrap {_with_interval(test, 'lwlrap')}, chance {test['chance']:.3f}")
        lines += _false_alarms(test, " of the test")
        if "baseline" in test:
            lines.append(f"Linear baseline {test['baseline']:.3f}; the model gains {_with_interval(test, 'gain')}")
    width = width_of()
    return "\n".join(part for line in lines for part in wrapped(line, width, "  "))


def _false_alarms(metrics: dict[str, object], where: str) -> list[str]:
    said = metrics.get("background")
    return [f"False alarms in the background{where}: {false_alarms_in_words(said)}"] if said else []


def _with_interval(metrics: dict[str, object], name: str) -> str:
    return with_interval(metrics[name], metrics[f"{name}_ci95"])


def _weakest(per_class: dict[str, float | None]) -> str:
    known = {name: value for name, value in per_class.items() if value is not None}  # classes that have clips
    return ", ".join(f"{name} {known[name]:.3f}" for name in sorted(known, key=known.get)[:WEAKEST])
