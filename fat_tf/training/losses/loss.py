"""What a loss is, and how one is called."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import keras

from fat_tf.errors import UserError
from fat_tf.parts import attribute, made

Loss = Callable[..., Any]  # (labels, logits), (batch, classes) float32 each, to the cost (batch,) of each clip


def loss_of_clips(loss: Loss | type) -> Loss:
    """What a recipe names, made if it is a class; of a loss of Keras' what it computes before the mean over the batch.

    Raises:
        UserError: a loss of Keras' that expects probabilities, or what is no loss.
    """
    loss = made(loss)
    check_loss(loss)
    if not isinstance(loss, keras.losses.Loss):
        return loss
    name = type(loss).__name__
    if not loss.get_config().get("from_logits", True):
        raise UserError(f"Recipe.loss: models give logits, {name} takes probabilities: bind {name}.from_logits = True")
    return loss.call


def check_loss(loss: Loss | type) -> None:
    """Raise a UserError for what cannot be a loss, like a text."""
    if not callable(loss):
        raise UserError(f"A loss is like @SummedCrossEntropy, not {loss!r}")


def needs_noisy(loss: Loss | type) -> bool:
    """Whether a loss treats noisy clips differently: one with a true `needs_noisy` takes a third argument.

    noisy (batch,) float32: the share of each clip that is of a noisy one; MixUp makes shares between 0 and 1;
    mixtures whose labels are united have the largest of their parts.
    """
    return bool(attribute(made(loss), "needs_noisy", False))


def needs_best(loss: Loss | type) -> bool:
    """Whether a loss with `needs_noisy` treats the best of them differently again: it takes their share, like noisy."""
    return bool(attribute(made(loss), "needs_best", False))


def parts_of(loss: Loss | type) -> Iterator[Loss]:
    """A loss, and those that it is made of."""
    loss = made(loss)
    yield loss
    for part in [getattr(loss, field.name) for field in fields(loss)] if is_dataclass(loss) else []:
        yield from parts_of(part) if _can_be_a_loss(part) else []


def _can_be_a_loss(part: object) -> bool:
    """Whether it can be called, or makes what can be."""
    return "__call__" in dir(part) if isinstance(part, type) else callable(part)


def of_whole_batch(loss: Loss | type) -> Loss | None:
    """A loss, or one that it is made of, that compares the clips of a batch: it has a true `needs_whole_batch`."""
    return next((part for part in parts_of(loss) if attribute(part, "needs_whole_batch", False)), None)


def of_curated(loss: Loss) -> Loss:
    """A loss of clips none of which is noisy, as those are that judge; none of them is left out."""
    if all_of_them := attribute(loss, "of_all_clips", None):
        return of_curated(all_of_them)
    if not (marks := needs_noisy(loss) + needs_best(loss)):
        return loss
    return lambda labels, logits: loss(labels, logits, *[keras.ops.zeros_like(logits[:, 0])] * marks)


def costs(loss: Loss, labels, logits, of_noisy=None):
    """The cost (batch,) of each clip.

    Args:
        loss: of `loss_of_clips`.
        labels: (batch, classes), and columns more where they are needed: the share that is noisy, that of the best.
        logits: (batch, classes).
        of_noisy: the same by the head of noisy clips, which count by that in the share that is noisy; None without one.
    """
    classes = logits.shape[-1]
    marks = [labels[:, classes]] if needs_noisy(loss) else []
    marks += [labels[:, -1]] if needs_best(loss) else []
    cost, *cost_of_noisy = (
        loss(labels[:, :classes], keras.ops.cast(of_head, "float32"), *marks)
        for of_head in ([logits] if of_noisy is None else [logits, of_noisy])
    )
    if of_noisy is None:
        return cost
    return (1 - labels[:, classes]) * cost + labels[:, classes] * cost_of_noisy[0]
