"""Blends the score files of several models into one, and says what the blend is worth."""

from collections.abc import Iterator, Sequence

from fat_tf import config
from fat_tf.blending.cross_validation import Blend, CrossValidation, Method
from fat_tf.blending.decorrelation import Decorrelate
from fat_tf.blending.inputs import BlendInputs, JudgedMembers, Members, read_members
from fat_tf.blending.report import members_table, verdict, verdict_of_fitted
from fat_tf.blending.rules import RULES, Known
from fat_tf.blending.stacking import Stack
from fat_tf.blending.weights import Greedy, Optimize
from fat_tf.errors import UserError, listed
from fat_tf.notices import warn
from fat_tf.runs.score_table import ScoreTable

MEANS = ("mean", "weighted", "greedy", "decorrelate")  # of scores as they are
ROUNDED = 1e-6  # by which a mean of probabilities may be beyond 0 and 1
FITTED = {"optimize": Optimize, "greedy": Greedy, "decorrelate": Decorrelate, "stack": Stack}


def blend_files(
    sources: BlendInputs,
    output: str,
    method: str = "mean",
    weights: Sequence[float] | None = None,
    gin_params: Sequence[str] = (),
) -> tuple[ScoreTable, str]:
    """Blend score files; nothing is written.

    Args:
        sources: the files.
        output: that the blend is for.
        method: one of RULES; or of FITTED, which are configured by gin and fitted to out-of-fold scores.
        weights: one a member, of the method "weighted".
        gin_params: bindings of the command line, which the method must read.

    Returns:
        The blend, and in words what it is made of and worth.

    Raises:
        UserError: files, flags or values that do not fit together.
    """
    chosen, validation = _configured(method, weights, sources)
    config.check_all_read(gin_params)
    if sources.holds(output):
        raise UserError(f"--output={output} is one of the inputs, and would be lost: give the blend another name")
    members = read_members(sources.blended_files())
    if method in MEANS:
        _warn_of_scales(members)
    judged = sources.read_judged(members, fitted=bool(validation)) if sources.knows_labels else None
    seen = judged.members if judged else members
    targets = judged and judged.truth.targets
    blend = chosen.fit(seen.scores, targets)
    names = {"member": sources.places} | ({"out of fold": sources.oof} if sources.oof and seen is not members else {})
    table = members_table(names, seen.scores, targets, blend.weights)
    lines = _worth(sources.places, judged, chosen, blend, validation) if judged else []
    return ScoreTable(output, members.fnames, members.vocabulary, blend(members.scores)), "\n".join([table, *lines])


def _warn_of_scales(members: Members) -> None:
    """Say which files have no probabilities, where others have them: a mean counts scores by their size."""
    lowest, highest = members.scores.min(axis=(1, 2)), members.scores.max(axis=(1, 2))
    is_outside = (lowest < -ROUNDED) | (highest > 1 + ROUNDED)
    outside = [file for file, odd in zip(members.files, is_outside, strict=True) if odd]
    if 0 < len(outside) < len(members.files):
        warn(
            f"scores below 0 or above 1, and none in the other files: {listed(outside)}. A mean counts them by their "
            "size: give probabilities, or take --method=rank"
        )


def _configured(
    method: str, weights: Sequence[float] | None, sources: BlendInputs
) -> tuple[Known | Method, CrossValidation | None]:
    """The method, and how it is validated if it is fitted."""
    if (method == "weighted") != (weights is not None):
        raise UserError("--method=weighted and --weights=0.7,0.3 (one a member) go together")
    if method in RULES:
        return Known(RULES[method], weights), None
    if not sources.knows_labels:
        raise UserError(f"--method={method} is fitted: give --truth, the labels of the out-of-fold clips")
    return config.make(FITTED[method].__name__), config.make("CrossValidation")


def _worth(
    names: Sequence[str],
    judged: JudgedMembers,
    method: Known | Method,
    blend: Blend,
    validation: CrossValidation | None,
) -> Iterator[str]:
    """What a blend is worth on the clips that it is judged on, and if it was fitted, on those it was not fitted to."""
    members, truth = judged.members.scores, judged.truth
    yield f"\nOn {judged.clips}; [95 % bootstrap intervals]"
    if validation:
        held_out = validation.scores(method, members, truth.targets, truth.groups)
        yield from verdict_of_fitted(names, members, truth, held_out, blend(members))
    else:
        yield from verdict(names, members, truth, blend(members))
