"""Validation clips to listen to, with their labels and tags."""

import os
from collections.abc import Iterator

import tensorflow as tf
from tensorboard.compat.proto.summary_pb2 import Summary

from fat_tf.audio import FrontEnd
from fat_tf.training.board.clips import ValidationClips
from fat_tf.training.board.summaries import escaped, sound, tag

SECONDS, LONGEST = 5, 60  # that are kept of a clip; of a clip that is decoded for it


def clip_sounds(clips: ValidationClips, count: int, front_end: FrontEnd, when: str) -> Iterator[Summary]:
    """The same few clips each time, and those that are scored worst now.

    Args:
        clips: of the fold.
        count: of each kind.
        front_end: decodes and trims them, as for training.
        when: the scores are from, in words.
    """
    for kind, chosen in (("some clips", clips.some(count)), ("worst clips", clips.worst(count))):
        for clip in chosen:
            if wav := _wav(clips.paths[clip], front_end):
                about = (
                    f"**{escaped(clips.names[clip])}**, labelled: {escaped(clips.labels(clip))}. "
                    f"Tags after {escaped(when)}: {escaped(clips.tags(clip))}"
                )
                yield sound(f"{kind}/{tag(clips.labels(clip))}: {tag(clips.names[clip])}", wav, about)


def _wav(path: str, front_end: FrontEnd) -> bytes | None:
    """The beginning of a file as the front end hears it, trimmed; None of one that is very long, or gone."""
    try:
        samples, error = front_end.load(tf.constant(os.fsencode(path)), LONGEST)
    except tf.errors.OpError:
        return None
    if error.numpy():
        return None
    rate = front_end.sample_rate
    return tf.audio.encode_wav(samples[: SECONDS * rate, None], rate).numpy()
