"""From runs to one artefact that scores sounds, checked before it gets its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fat_tf.errors import UserError
from fat_tf.export.graph import TaggingGraph
from fat_tf.export.keras_file import write_keras
from fat_tf.export.litert import FLOAT, INT8, write_litert
from fat_tf.export.litert_scorer import LiteRTScorer, describe
from fat_tf.export.model_card import model_card
from fat_tf.export.saved_model import warmup_requests, write_saved_model, write_settings
from fat_tf.export.serving_files import BATCHING_PARAMETERS, WARMUP, write_warmup
from fat_tf.export.truth_check import ClipScorer, check_truth, judge
from fat_tf.export.verification import probe_sounds, verify
from fat_tf.files import write_text, written_whole
from fat_tf.inference.exported_model import SavedModelPredictor
from fat_tf.inference.predictor import Prediction, Predictor
from fat_tf.inference.run_models import Models, load_runs, run_shares
from fat_tf.names import spelled
from fat_tf.parts import blamed
from fat_tf.runs.own_parts import copy_parts

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}
NOT_JUDGED = "what its precision costs in lwlrap is not measured: --truth=CSV names labelled clips for that"
NAMED_LABELS = 5  # that `labels` and `top_scores` hold


@dataclass(frozen=True)
class ExportRequest:
    """What is exported.

    Args:
        run_dirs: finished runs. weights: of each in the mean; None for equal ones.
        prediction: how many windows a clip has.
        precision: that the networks compute in, one of POLICIES.
        truth: CSV of labelled clips that the runs were not trained on, to judge the artefact by, or None.

    Raises:
        UserError: windows of another kind than regular ones.
    """

    run_dirs: Sequence[str]
    weights: Sequence[float] | None
    prediction: Prediction
    precision: str = "float32"
    truth: str | None = None

    def __post_init__(self):
        if self.prediction.placement != "regular" or self.prediction.shared_trunk:
            raise UserError("An exported model has regular windows: Prediction.placement = 'regular', no shared_trunk")

    @property
    def windows(self) -> int:
        """Of a clip, spread evenly."""
        return self.prediction.windows

    @property
    def policy(self) -> str:
        """Keras' dtype policy."""
        return POLICIES[self.precision]


def export_saved_model(source: ExportRequest, output: Path) -> None:
    """Write a SavedModel to the next free version folder below `output`, and say what it is worth.

    Raises:
        UserError: for everything that the user can mend; a model that does not score as the runs do.
    """
    models = _load(source)
    runs = Predictor(models, Prediction(source.windows, precision="float32"))
    folder = _next_version(output)
    with written_whole(folder) as unfinished:
        unfinished.mkdir()
        _say("Writing the graph and its weights")
        with blamed("These models as a SavedModel"):
            graph = TaggingGraph(models, source.policy, source.windows, NAMED_LABELS)
            write_saved_model(unfinished, graph)
        write_settings(unfinished, models, source.policy, source.windows)
        write_warmup(unfinished / WARMUP, warmup_requests(models))
        (unfinished / "batching_parameters.txt").write_text(BATCHING_PARAMETERS, "utf-8")
        _say("Running it in a fresh process")
        measured = [verify(unfinished, runs, source.precision == "float32")]
        measured += _judged(source, models, SavedModelPredictor(unfinished), runs)
        write_text(unfinished / "model_card.md", spelled(_card(source, models, measured)))
    print("\n".join([*measured, f"Written: {folder}"]))


def export_litert(source: ExportRequest, output: Path) -> None:
    """Write two LiteRT files with their labels, and say how they differ from the runs; errors as above."""
    models = _load(source)
    if source.precision != "float32":
        raise UserError("LiteRT files are float32 and int8, both: leave out --precision")
    front_end = models.groups[0].front_end
    runs = Predictor(models, Prediction(source.windows, precision="float32"))
    _say("Writing the LiteRT files")
    write_litert(output, models)
    write_settings(output, models, source.policy, source.windows)
    for name in (FLOAT, INT8):
        scorer = LiteRTScorer(output / name, front_end, source.windows)
        windows = np.concatenate([scorer.cut(samples) for samples in probe_sounds(front_end.sample_rate)])
        print("\n".join([describe(output / name, scorer, windows, models), *_judged(source, models, scorer, runs)]))


def export_keras(source: ExportRequest, output: Path) -> None:
    """Write model.keras, with its labels; errors as above."""
    if source.truth:
        raise UserError("A Keras file is not judged: leave out --truth")
    models = _load(source)
    write_keras(output / "model.keras", models, source.policy)
    copy_parts(map(Path, source.run_dirs), output)
    write_settings(output, models, source.policy, source.windows)
    print(f"Written: {output / 'model.keras'}")


def _judged(source: ExportRequest, models: Models, exported: ClipScorer, runs: Predictor) -> list[str]:
    """What the truth says, if there is one."""
    if source.truth:
        _say(f"Judging it by {source.truth}")
        return [judge(source.truth, models.vocabulary, exported, runs)]
    return [] if source.precision == "float32" else [NOT_JUDGED]


def _card(source: ExportRequest, models: Models, measured: Sequence[str]) -> str:
    shares = run_shares(source.run_dirs, source.weights)
    return model_card(models, source.run_dirs, shares, source.policy, source.windows, measured)


def _load(source: ExportRequest) -> Models:
    """The models in float32; all at one sample rate, since a model has one."""
    _say("Loading the models")
    models = load_runs(source.run_dirs, "float32", source.weights)
    if source.truth:
        check_truth(source.truth, models.vocabulary)  # before the work
    rates = sorted({group.front_end.sample_rate for group in models.groups})
    if len(rates) > 1:
        raise UserError(f"The runs work at {rates} Hz: a model has one rate. Export them one by one")
    return models


def _next_version(output: Path) -> Path:
    versions = [int(place.name) for place in output.glob("*") if place.name.isdigit()]
    return output / str(max(versions, default=0) + 1)


def _say(step: str) -> None:
    print(f"{step} ...", flush=True)


FORMATS = {"savedmodel": export_saved_model, "litert": export_litert, "keras": export_keras}
