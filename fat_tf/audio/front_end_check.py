"""Whether a front end draws what it promises, before anything is computed with it."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from fat_tf.audio.front_end import FrontEnd
from fat_tf.audio.log_mel import LogMel
from fat_tf.errors import UserError
from fat_tf.parts import blamed

LARGEST = float(np.finfo(np.float16).max)  # that the feature cache holds
TOLERANCE = 1e-3  # of the range of a picture


def check_front_end(front_end: FrontEnd) -> None:
    """Draw a short clip, a long one and silence, in a padded batch and alone; the package's own front end is known.

    Raises:
        UserError: weights, another number of frames, values that are not finite or too large, pictures that depend on
            the padding; or whatever the layer raises.
    """
    if type(front_end) is FrontEnd and type(front_end.spectrogram) is LogMel:
        return
    what = f"The front end {type(front_end.spectrogram).__name__}"
    with blamed(what):
        fault = next(_faults(front_end), None)
    if fault:
        raise UserError(f"{what} {fault}")


def _faults(front_end: FrontEnd) -> Iterator[str]:
    window = front_end.window_samples
    lengths = [window, 2 * window + front_end.hop_length // 2, window]
    sounds = np.random.default_rng(0).uniform(-0.5, 0.5, (3, max(lengths))).astype(np.float32)
    sounds *= np.arange(max(lengths)) < np.array([*lengths[:2], 0])[:, None]  # the third one is silence
    specs = [tf.TensorSpec([None, None]), tf.TensorSpec([None], tf.int32)]
    together = tf.function(lambda batch, ends: front_end(batch, lengths=ends), specs)(sounds, lengths).numpy()
    for padded, sound, length in zip(together, sounds, lengths, strict=True):
        yield from _faults_of(front_end, front_end(sound[None, :length]).numpy()[0], padded, length)
    if front_end.weights:
        yield "has weights, which nothing trains: what is to be learned belongs to the model"


def _faults_of(front_end: FrontEnd, alone: np.ndarray, padded: np.ndarray, length: int) -> Iterator[str]:
    """alone, padded: a clip's picture, and its row of a padded batch."""
    mels, _, channels = front_end.picture_shape
    frames = 1 + length // front_end.hop_length
    if alone.shape != (mels, frames, channels):
        wanted = f"{(mels, frames, channels)}, of 1 + samples // hop_length frames"
        yield f"gives a sound of {length} samples a picture of {alone.shape}: expected is {wanted}"
    if not np.isfinite(alone).all() or np.abs(alone).max() > LARGEST:
        yield f"gives noise or silence values that are not finite, or above {LARGEST:g}"
    off = np.abs(padded[:, :frames] - alone).max() if padded.shape[1] >= frames else np.inf
    if off > TOLERANCE * max(np.ptp(alone), 1):
        yield f"draws a clip in a padded batch otherwise than alone (by {off:.3g}): look at what it does with lengths"
