"""The curves of TensorBoard: their names, in groups, and which of them share a chart."""

from collections.abc import Iterator, Mapping

from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.custom_scalar import layout_pb2
from tensorboard.plugins.custom_scalar.summary import pb as layout_summary

from fat_tf.runs.fold_state import HELD_OUT
from fat_tf.training.board.summaries import scalar
from fat_tf.training.step_norms import NORMS

CURVES = {  # by what history.csv and the training step call them
    "lwlrap": ("quality/lwlrap_train", "Of the augmented, mixed clips as they were trained on"),
    "val_lwlrap": ("quality/lwlrap_validation", "Of the clips that choose the checkpoint"),
    HELD_OUT: ("quality/lwlrap_held_out", "Of the fold's own clips, which choose nothing"),
    "accuracy": ("quality/accuracy_validation", "Share of clips whose top class is one of their labels"),
    "loss": ("loss/train", "Of a clip, in the mean"),
    "val_loss": ("loss/validation", "Of a window, in the mean, by Recipe.loss"),
    "clips_per_second": ("speed/clips_per_second", "In training, without validation"),
    "seconds": ("speed/seconds_per_epoch", "Training and validation"),
    "lr": ("optimiser/learning_rate", ""),
    "gradient_norm": ("optimiser/gradient_norm", f"{NORMS} before the optimiser clips it"),
    "weight_norm": ("optimiser/weight_norm", NORMS),
    "update_ratio": ("optimiser/update_ratio", f"{NORMS}, of what a step changes beside that of the weights"),
    "stage": ("stage/number", "A step where a stage begins; Text says what it is"),
}
RESULTS = ("lwlrap", "accuracy", "chance", "baseline", "checkpoint_optimism")  # of metrics.json
PER_CLASS = "kept/lwlrap_by_class"
ENDS = {"quality_of_classes/worst": 0.0, "quality_of_classes/median": 0.5, "quality_of_classes/best": 1.0}  # quantiles


def curves(values: Mapping[str, object]) -> Iterator[Summary]:
    """A point of each curve that there is a value of."""
    for key, (name, description) in CURVES.items():
        if key in values:
            yield scalar(name, values[key], description)


def results(metrics: Mapping[str, object]) -> Iterator[Summary]:
    """The figures of metrics.json that runs are compared by, out of fold and on the test clips."""
    for prefix, part in (("", metrics), ("test_", metrics.get("test", {}))):
        for key in RESULTS:
            if key in part:
                yield scalar(f"result/{prefix}{key}", part[key])
    yield scalar("result/training_minutes", metrics["seconds"] / 60)


def layout() -> Summary:
    """The tab Custom Scalars: what belongs together in one chart."""
    training = [
        _chart("lwlrap", "quality/lwlrap_.*"),
        _chart("loss", "loss/.*"),
        _chart("learning rate", "optimiser/learning_rate"),
        _chart("stage", "stage/number"),
    ]
    worst, median, best = ENDS
    margin = layout_pb2.MarginChartContent.Series(value=median, lower=worst, upper=best)
    classes = [
        layout_pb2.Chart(title="worst, median and best class", margin=layout_pb2.MarginChartContent(series=[margin])),
        _chart("classes", "classes/.*"),
    ]
    optimiser = [_chart(name.replace("_", " "), f"optimiser/{name}") for name in ("gradient_norm", "update_ratio")]
    categories = {"Training": training, "Classes": classes, "Optimiser": optimiser}
    category = layout_pb2.Category
    return layout_summary(
        layout_pb2.Layout(category=[category(title=title, chart=charts) for title, charts in categories.items()])
    )


def _chart(title: str, tags: str) -> layout_pb2.Chart:
    """A chart of all curves whose names the regular expression matches."""
    return layout_pb2.Chart(title=title, multiline=layout_pb2.MultilineChartContent(tag=[f"^{tags}$"]))
