"""Cross-fade: a clip that becomes another one at some moment."""

import gin
import keras
from keras import ops

from fat_tf.layers.base import RandomLayer


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class CrossFade(RandomLayer):
    """(x, y) -> each picture up to a moment, then another one of the batch; and both clips' labels.

    (1 − w)·x + w·x[permutation], where w rises in a straight line from 0 to 1 over `fade` of the frames, around a
    moment m ~ U(0, 1) of them. A clip's labels count where it fills, m or 1 − m, more than `smallest` of the time; the
    larger of two labels is kept. In the manner of the 1st place of FSDKaggle2019 (SigmoidConcatMixer of
    https://github.com/lRomul/argus-freesound), which fades along a sigmoid, and always in the middle.

    Args:
        fade: share of the frames over which one becomes the other, 0 to 1.
        smallest: share of the time above which a clip is heard, 0 to 0.5.
        seed: of the draws.

    Call arguments:
        inputs: (x, y), (batch, mels, frames, channels) and (batch, classes), labels from 0 to 1.
        training: without it nothing is changed.

    Returns:
        (x, y) of the same shapes and dtypes.

    Raises:
        ValueError: fade not from 0 to 1, smallest not from 0 to 0.5.
    """

    mixes_labels = True
    changes = "pictures"
    ARGUMENTS = ("fade", "smallest", "seed")

    def __init__(
        self,
        fade: float = 0.1,
        smallest: float = 0.1,
        seed: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(seed, name, dtype, autocast=False)
        if not (0 <= fade <= 1 and 0 <= smallest <= 0.5):
            raise ValueError(f"CrossFade: fade of 0 to 1 and smallest of 0 to 0.5, not {fade}, {smallest}")
        self.fade, self.smallest = fade, smallest

    def changed(self, inputs):
        x, y = inputs
        batch, _, frames, _ = ops.shape(x)
        order = self.permutation(batch)
        moment = self.uniform((batch, 1))
        places = (ops.arange(frames, dtype="float32") + 0.5) / frames
        other = ops.clip((places - moment) / max(self.fade, 1e-6) + 0.5, 0, 1)  # share of the second clip
        weight = ops.cast(other, x.dtype)[:, None, :, None]
        ours, theirs = (ops.cast(share > self.smallest, y.dtype) for share in (moment, 1 - moment))
        return (1 - weight) * x + weight * ops.take(x, order, axis=0), ops.maximum(
            ours * y, theirs * ops.take(y, order, axis=0)
        )
