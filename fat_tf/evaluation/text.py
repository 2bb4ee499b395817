"""The report of an evaluation as text for people."""

from collections.abc import Iterator, Sequence

from fat_tf.evaluation.report import Report
from fat_tf.metrics import with_interval
from fat_tf.metrics.false_alarms import false_alarms_in_words

CONFUSIONS = 10  # shown; the report has all


def as_text(report: Report) -> str:
    """What the first score file is worth, overall, by class, confusion and clip, then how the others compare.

    A run's test clips, where their labels are known, follow its out-of-fold clips.
    """
    parts = (_figures(report), _classes(report), _confusions(report), _worst_clips(report), _comparisons(report))
    text = "\n\n".join("\n".join(lines) for lines in map(list, parts) if lines)
    return f"{text}\n\n\n{as_text(report['test'])}" if "test" in report else text


def _figures(report: Report) -> Iterator[str]:
    yield f"{report['scores']}: {report['clips']} clips, {report['classes']} classes; [95 % bootstrap intervals]"
    if "left_out" in report:
        counts = (f"{count} of {name}" for name, count in report["left_out"].items())
        yield f"Clips left out because not all files have them: {', '.join(counts)}"
    yield _line("lwlrap", with_interval(report["lwlrap"], report["lwlrap_ci95"]))
    for name, part in report.get("usage", {}).items():
        figure = with_interval(part["lwlrap"], part["lwlrap_ci95"])
        yield _line(f"  {name or 'no usage'}", f"{figure}, {part['clips']} clips")
    yield _line("mean average precision", figure_text(report["mean_average_precision"]))
    yield _line("top-1 accuracy", with_interval(report["accuracy"], report["accuracy_ci95"]))
    yield _line("ROC-AUC", figure_text(report["roc_auc"]))
    for judged in (report, *report.get("comparisons", [])):
        if "background" in judged:
            of = "" if judged is report else f" by {judged['scores']}"
            yield f"False alarms in the background{of}: {false_alarms_in_words(judged['background'])}"


def _line(name: str, figure: str) -> str:
    return f"{name:<24}{figure}"


def figure_text(value: float | None) -> str:
    """Three decimals, or a dash for what is not defined."""
    return "-" if value is None else f"{value:.3f}"


def _comparisons(report: Report) -> Iterator[str]:
    others = report.get("comparisons", [])
    for judged in [report, *others] if others else []:
        yield f"{judged['scores']}: lwlrap {with_interval(judged['lwlrap'], judged['lwlrap_ci95'])}"
    for other in others:
        yield verdict(report["scores"], other["scores"], other["gain"], other["gain_ci95"])


def verdict(first: str, second: str, gain: float, ci95: Sequence[float]) -> str:
    """Which of two is better, where the clips can tell; `gain`: of the second over the first."""
    low, high = ci95
    if low > 0:
        return f"{second} is better than {first} by {with_interval(gain, (low, high))}"
    if high < 0:
        return f"{second} is worse than {first} by {with_interval(-gain, (-high, -low))}"
    return f"{second} minus {first}: {with_interval(gain, (low, high))}; the clips cannot tell them apart"


def weakest_first(per_class: Report) -> list[str]:
    """Classes by lwlrap, those without clips last."""
    return sorted(per_class, key=lambda name: (per_class[name]["clips"] == 0, per_class[name]["lwlrap"], name))


def _classes(report: Report) -> Iterator[str]:
    per_class, heading = report["per_class"], "Classes, weakest first"
    width = max(map(len, (*per_class, heading)))
    yield f"{heading:<{width}}  clips  lwlrap"
    for name in weakest_first(per_class):
        yield f"{name:<{width}}  {per_class[name]['clips']:>5}  {figure_text(per_class[name]['lwlrap']):>6}"


def _confusions(report: Report) -> Iterator[str]:
    if report["confusions"]:
        yield "Most frequent confusions of the top class"
    for pair in report["confusions"][:CONFUSIONS]:
        yield f"{pair['truth']} taken for {pair['taken_for']} {pair['clips']} of {pair['of']}"


def _worst_clips(report: Report) -> Iterator[str]:
    if report["worst_clips"]:
        yield "Worst clips: lwlrap, labels, top classes with their scores"
    for clip in report["worst_clips"]:
        top = ", ".join(f"{name} {score:.3f}" for name, score in clip["top"])
        yield f"{clip['fname']}  {clip['lwlrap']:.3f}  {', '.join(clip['labels'])}; top: {top}"
