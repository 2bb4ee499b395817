"""Sounds laid over each other, as they are in the street."""

import gin
import keras
from keras import ops

from fat_tf.layers.base import RandomLayer
from fat_tf.layers.loudness import SILENCE, mean_square


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class OverlayMix(RandomLayer):
    """(x, y) -> each waveform plus another one of the batch at a random moment; and both clips' labels.

    x₁(t) + a·x₂(t − s), and max(y₁, y₂): the other one is made U(1, loudest) times as loud (root mean square), or as
    soft, as the first, and begins at s ~ U(0, latest) of the window; what reaches beyond it is lost. In the manner of
    the 5th place of FSDKaggle2019 (Ebbers and Häb-Umbach, "Convolutional Recurrent Neural Network and Data Augmentation
    for Audio Tagging with Noisy Labels and Minimal Supervision", DCASE Workshop 2019,
    https://github.com/fgnt/upb_audio_tagging_2019), where loud is the peak, and the other one may begin first.

    Args:
        loudest: largest ratio of the root mean squares of the two, 1 or more.
        latest: latest moment at which the other one begins, as a share of the window, 0 to 1.
        seed: of the draws.

    Call arguments:
        inputs: (x, y), (batch, samples) and (batch, classes), labels from 0 to 1.
        training: without it nothing is changed.

    Returns:
        (x, y) of the same shapes and dtypes.

    Raises:
        ValueError: loudest below 1, latest not from 0 to 1.
    """

    mixes_labels = True
    changes = "sounds"
    ARGUMENTS = ("loudest", "latest", "seed")

    def __init__(
        self,
        loudest: float = 2.0,
        latest: float = 0.5,
        seed: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(seed, name, dtype, autocast=False)
        if loudest < 1 or not 0 <= latest <= 1:
            raise ValueError(f"OverlayMix: loudest of 1 or more and latest of 0 to 1, not {loudest}, {latest}")
        self.loudest, self.latest = loudest, latest

    def changed(self, inputs):
        x, y = inputs
        batch, samples = ops.shape(x)
        order, draws = self.permutation(batch), self.uniform((3, batch, 1))
        ratio = 1 + (self.loudest - 1) * draws[0]
        ratio = ops.where(draws[1] < 0.5, ratio, 1 / ratio)
        own, others = mean_square(x), ops.take(mean_square(x), order, axis=0)
        level = ops.where(own > SILENCE, ops.sqrt(own / others), 1.0)  # beside silence it stays as it is
        other = ops.take(x, order, axis=0) * ratio * level
        places = ops.arange(samples) - ops.cast(draws[2] * self.latest * samples, "int32")
        moved = ops.take_along_axis(other, ops.maximum(places, 0), axis=1)
        moved = ops.where(places >= 0, moved, 0.0)
        return x + moved, ops.maximum(y, ops.take(y, order, axis=0))
