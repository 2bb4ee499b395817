"""The model card: what an exported model is, how good it is, where it ends and what it was made of.

In the sense of Mitchell et al., Model Cards for Model Reporting (2019).
"""

from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from fat_tf.audio import FrontEnd, LogMel
from fat_tf.errors import listed
from fat_tf.evaluation.text import figure_text
from fat_tf.export.resample import RATES
from fat_tf.inference.run_models import Models
from fat_tf.metrics import with_interval
from fat_tf.runs.facts import RunFacts, run_facts
from fat_tf.terminal import clock, markdown_table

UNKNOWN = "not known (the run's files do not say)"
EXPORTED_WITH = ("fat_tf", "tensorflow", "keras")


def model_card(
    models: Models,
    run_dirs: Sequence[str | Path],
    weights: Sequence[float],
    policy: str,
    windows: int,
    measured: Sequence[str] = (),
) -> str:
    """Describe a SavedModel of finished runs, in Markdown.

    Args:
        models: of the runs.
        run_dirs: their folders.
        weights: of the runs in the mean; they sum to 1.
        policy: dtype policy that the exported networks compute in.
        windows: of a clip, at most.
        measured: what was measured on the exported model itself, a sentence each.

    Raises:
        UserError: a file of a run that cannot be read.
    """
    runs = [run_facts(Path(run)) for run in run_dirs]
    titles = [
        run.name if len(runs) == 1 else f"{run.name}, weight {w:.3f}" for run, w in zip(runs, weights, strict=True)
    ]
    parts = [
        f"# {' + '.join(run.name for run in runs)}",
        f"Says which of {len(models.vocabulary)} kinds of sound are heard in a recording.",
        _bullets(_summary(models, runs, policy, windows)),
        "## In and out",
        _inputs([group.front_end for group in models.groups]),
        _outputs(len(models.vocabulary)),
        *_how_good(models.vocabulary, runs, titles, measured),
        "## What to know before you rely on it",
        _bullets(_limits(models, runs, windows)),
        *_how_it_was_made(runs, titles),
    ]
    return "\n\n".join(parts) + "\n"


def _summary(models: Models, runs: Sequence[RunFacts], policy: str, windows: int) -> Iterator[str]:
    networks = [network for group in models.groups for network in group.networks]
    size = f"{len(networks)} ({sum(network.count_params() for network in networks):,} parameters)"
    count, rate = len(models.vocabulary), models.groups[0].front_end.sample_rate
    yield f"**Labels ({count}):** {', '.join(map(_code, models.vocabulary))}"
    yield f"**Good for:** sorting and searching recordings by these {count} labels; several may be heard at once"
    yield f"**Sound:** any length; heard as mono at {rate:,} Hz in up to {windows} windows of {_seconds(models)}"
    yield f"**Networks:** {size}, computed in {policy}; scores are their weighted mean"
    yield f"**How good:** {'; '.join(map(_best_figure, runs))}"
    yield f"**Trained on:** {_data(runs) or UNKNOWN}"
    yield f"**Exported with:** {', '.join(f'{name} {version(name)}' for name in EXPORTED_WITH)}"


def _best_figure(run: RunFacts) -> str:
    """What the run is worth on test clips, or else out of fold."""
    test = run.metrics.get("test", {})
    figure = _with_interval(test, "lwlrap") or _with_interval(run.metrics, "lwlrap")
    where = "on test clips" if test else "out of fold"
    return f"{run.name}: lwlrap {figure} {where}" if figure else f"{run.name}: {UNKNOWN}"


def _inputs(front_ends: Sequence[FrontEnd]) -> str:
    rate = front_ends[0].sample_rate
    rates = ", ".join(f"{hertz / 1000:g}" for hertz in sorted({*RATES, rate}))
    wav = f"WAV files: 16-bit PCM, any number of channels (their mean is heard), {rates} kHz"
    rows = [
        ("`serving_default`", "`wav_bytes` string [batch]", wav),
        ("`waveform`", "`waveform` float32 [batch, samples]", f"mono at {rate:,} Hz, between −1 and 1"),
        ("", "`lengths` int32 [batch]", "samples of each row; what follows them is ignored"),
    ]
    return markdown_table(
        ("signature", "input", "what"), [*rows, *map(_picture_input, range(len(front_ends)), front_ends)]
    )


def _picture_input(place: int, front_end: FrontEnd) -> tuple[str, str, str]:
    mels, frames, channels = front_end.picture_shape
    name = f"log_mel_{place + 1}" if place else "log_mel"
    drawn, hop = _pictures(front_end), front_end.hop_length
    what = f"{drawn} of whole clips, a frame every {hop} samples, at least {frames} frames"
    return "" if place else "`log_mel`", f"`{name}` float32 [batch, {mels}, frames, {channels}]", what


def _pictures(front_end: FrontEnd) -> str:
    layer = front_end.spectrogram
    if type(layer) is not LogMel:
        return f"pictures by {type(layer).__name__}"
    return f"log-mel pictures in dB, {layer.fmin:,g} to {layer.fmax:,g} Hz,"


def _outputs(classes: int) -> str:
    rows = [
        (f"`scores` float32 [batch, {classes}]", "of each label, 0 to 1, in the order of `labels.txt`"),
        ("`labels` string [batch, k]", "the k labels with the highest scores, best first"),
        ("`top_scores` float32 [batch, k]", "their scores"),
        ("`embedding` float32 [batch, features]", "what the last layers see: for search, or a classifier of your own"),
        ("`error` string [batch]", "why an item has no scores (they are 0 then); empty if it is fine"),
    ]
    return markdown_table(("output", "what"), rows)


def _how_good(
    vocabulary: Sequence[str], runs: Sequence[RunFacts], titles: Sequence[str], measured: Sequence[str]
) -> Iterator[str]:
    yield "## How good"
    yield from _figures(runs, titles)
    if measured:
        yield "Measured on the exported model itself:"
        yield _bullets(measured)
    else:
        yield "Nothing was measured on the exported model itself."
    yield "### Each class, weakest first (lwlrap)"
    yield _classes(vocabulary, runs)


def _figures(runs: Sequence[RunFacts], titles: Sequence[str]) -> Iterator[str]:
    """A table of what is known of the runs, and how to read it."""
    by_run = [_figures_of(run.metrics) for run in runs]
    rows = [(name, *(figures[name] for figures in by_run)) for name in by_run[0]]
    known = [row for row in rows if any(row[1:])]
    if not known:
        yield UNKNOWN
        return
    yield markdown_table(("", *titles), known)
    yield (
        "lwlrap, label-weighted label-ranking average precision (DCASE 2019 task 2), is 1 where all true labels rank "
        "above all others. [95 % bootstrap intervals over clips.] Out of fold, each clip is scored by the one network "
        f"that has not seen it. {_of_test(runs)}"
    )
    if len(runs) > 1:
        yield "Each run is judged alone here, not their blend."


def _figures_of(metrics: dict) -> dict[str, str]:
    """Figures of a run by their names; empty where unknown."""
    test = metrics.get("test", {})
    return {
        "lwlrap on test clips": _with_interval(test, "lwlrap"),
        "top-1 accuracy on test clips": _with_interval(test, "accuracy"),
        "lwlrap of chance on test clips": figure_text(test["chance"]) if "chance" in test else "",
        "lwlrap of a linear model on test clips": figure_text(test["baseline"]) if "baseline" in test else "",
        "gain over the linear model": _with_interval(test, "gain"),
        "lwlrap out of fold": _with_interval(metrics, "lwlrap"),
        "top-1 accuracy out of fold": _with_interval(metrics, "accuracy"),
        "lwlrap of each fold": ", ".join(map(figure_text, metrics.get("folds", []))),
        "false alarms in background on test": _false_alarms(test),
        "false alarms in background out of fold": _false_alarms(metrics),
    }


def _false_alarms(metrics: dict) -> str:
    """Background clips in which any class has a score above 0.5."""
    background = metrics.get("background")
    return f"{background['false_alarms']:.1%} of {background['clips']} clips" if background else ""


def _of_test(runs: Sequence[RunFacts]) -> str:
    if any("test" in run.metrics for run in runs):
        return "Test clips are scored by the mean of the run's networks."
    return "No labelled test clips were scored: the mean of the networks, as it is exported, was not judged."


def _classes(vocabulary: Sequence[str], runs: Sequence[RunFacts]) -> str:
    """lwlrap of each class: of one run on test clips and out of fold, of several on one of these."""
    tests = [(f"{run.name}, test clips", run.metrics["test"]) for run in runs if "test" in run.metrics]
    out_of_fold = [(f"{run.name}, out of fold", run.metrics) for run in runs if "per_class" in run.metrics]
    columns = tests + out_of_fold if len(runs) == 1 else tests or out_of_fold
    if not columns:
        return UNKNOWN
    values = np.array([[metrics["per_class"][label] for label in vocabulary] for _, metrics in columns], float).T
    order = np.argsort(values.mean(axis=1), kind="stable")  # classes that have no clip, NaN, last
    texts = [[figure_text(None if np.isnan(value) else value) for value in of_class] for of_class in values]
    rows = [(_code(vocabulary[k]), *texts[k]) for k in order]
    return markdown_table(("class", *(header for header, _ in columns)), rows)


def _limits(models: Models, runs: Sequence[RunFacts], windows: int) -> Iterator[str]:
    covered = windows * min(group.front_end.window_seconds for group in models.groups)
    yield (
        "There is no label for anything else: silence, and sounds that no label is for, get scores all the same. Try "
        "such sounds before you choose thresholds."
    )
    yield (
        "Scores rank labels. They are not calibrated probabilities: how often a score of 0.8 is right was not measured."
    )
    yield (
        "The figures hold for recordings like those of the data set. Other microphones, rooms, distances and noise may "
        "cost much; so may sound sent at a lower rate, which lacks what lies above half of it."
    )
    yield (
        f"A clip's score is the mean of up to {windows} windows of {_seconds(models)}, spread evenly: a short event in "
        f"a long recording fades, and beyond {covered:g} s there are gaps between the windows. Cut long recordings, or "
        "use `fat_tf.Tagger.tag_stream`."
    )
    yield "Silence at both ends of a sound is cut; what is shorter than a window is padded."
    for run in runs:
        if len(run.metrics.get("folds", [])) not in (0, len(run.networks)):
            judged = len(run.metrics["folds"])
            yield f"The figures of {run.name} are of {judged} networks; this model has {len(run.networks)} of that run."
    yield from _checkpoints(runs)
    if seen := [run.name for run in runs if run.selection_has_seen_all]:
        yield (
            f"Out-of-fold figures of {listed(seen)} are flattered too by the choice of noisy clips: models of all "
            "folds made it, which had seen each fold's own clips. By how much was not measured."
        )
    yield "It was not tested for alarms, for safety, or for decisions about people."


def _checkpoints(runs: Sequence[RunFacts]) -> Iterator[str]:
    """Which runs' out-of-fold figures are flattered."""
    judged = [run for run in runs if "folds" in run.metrics and not run.keeps_last_weights]
    for run in judged:
        if (optimism := run.metrics.get("checkpoint_optimism")) is not None:
            yield (
                f"Out-of-fold figures of {run.name} are of checkpoints that other clips chose. Chosen by the fold's "
                f"own clips, they would have been flattered by {optimism:.3f} lwlrap."
            )
    if flattered := [run.name for run in judged if "checkpoint_optimism" not in run.metrics]:
        yield (
            f"Out-of-fold figures of {listed(flattered)} are flattered: each fold's own clips chose the checkpoint. By "
            "how much was not measured."
        )


def _how_it_was_made(runs: Sequence[RunFacts], titles: Sequence[str]) -> Iterator[str]:
    yield "## How it was made"
    for run, title in zip(runs, titles, strict=True):
        yield f"### {title}"
        yield _bullets(_made(run))
    yield "## License"
    yield _license(runs)
    yield "## Configuration"
    for run in runs:
        yield f"### {run.name}"
        yield f"```\n{run.configuration}\n```" if run.configuration else UNKNOWN


def _made(run: RunFacts) -> Iterator[str]:
    metrics = run.metrics
    yield f"**Data:** {run.data or UNKNOWN}"
    yield f"**Clips:** {_clips(run) if len(run.folds) else UNKNOWN}"
    yield f"**Model:** {run.model or UNKNOWN}"
    if run.stages:
        yield f"**Stages:** {', then '.join(run.stages)}"
    if "seconds" in metrics:
        steps = f"about {np.mean(metrics['steps']):,.0f} optimiser steps a fold, " if "steps" in metrics else ""
        yield f"**Training:** {steps}{clock(metrics['seconds'])} in all"
    if run.command:
        yield f"**Command:** `{run.command}`"
    if packages := run.environment.get("packages"):
        yield f"**Versions:** {', '.join(f'{name} {number}' for name, number in packages.items())}"
    if commit := run.environment.get("commit"):
        changes = ", with local changes" if commit.endswith("-dirty") else ""
        yield f"**Commit of fat_tf:** {commit.removesuffix('-dirty')}{changes}"


def _clips(run: RunFacts) -> str:
    folds = run.folds["fold"].nunique()
    by = f"method {run.value('assign_folds.method') or UNKNOWN}"
    if "given" in run.folds:
        by = "given by the data set"
    if run.manifest and run.manifest.folds_from:
        by = f"as in {Path(run.manifest.folds_from).name}"
    alone = f", {len(run.networks)} of them trained" if len(run.networks) < folds else ""
    test = f"; {len(run.test_scores)} for the test" if len(run.test_scores) else ""
    return f"{len(run.folds)} curated in {folds} folds ({by}){alone}{test}"


def _license(runs: Sequence[RunFacts]) -> str:
    allowed = f"allow: {_data(runs)}" if _data(runs) else "allow"
    return (
        "License: not stated. The package is Apache-2.0; the weights follow what the training sounds "
        f"{allowed}. Fill this in before you pass the model on."
    )


def _data(runs: Sequence[RunFacts]) -> str:
    return ", ".join(sorted({run.data for run in runs if run.data}))


def _seconds(models: Models) -> str:
    return " or ".join(f"{s:g} s" for s in sorted({group.front_end.window_seconds for group in models.groups}))


def _with_interval(metrics: dict, name: str) -> str:
    return with_interval(metrics[name], metrics[f"{name}_ci95"]) if name in metrics else ""


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _code(name: str) -> str:
    """A name as code, so that Markdown changes nothing in it."""
    escaped = name.replace("|", r"\|")
    return f"`{escaped}`"
