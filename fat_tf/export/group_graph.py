"""The part of an exported graph that models of the same pictures share."""

import keras
import tensorflow as tf

from fat_tf.audio import FrontEnd
from fat_tf.audio.decode import LOUDEST
from fat_tf.data.windows import regular_starts_in_graph
from fat_tf.export.graph_errors import NOT_SANE, first_error
from fat_tf.inference.run_models import Group
from fat_tf.inference.window_scoring import weighted_sigmoids
from fat_tf.models.scoring import embedding_of, for_pictures

CHUNK = 64  # windows that the networks see at once, so that a large request takes no more memory


class GroupGraph:
    """From a clip, or its picture, to windows, and from the windows of a batch of clips to their scores.

    Args:
        group: models that see the same pictures.
        policy: dtype policy of the networks in the graph.
        windows: of a clip, spread evenly.
    """

    def __init__(self, group: Group, policy: str, windows: int):
        self.front_end: FrontEnd = group.front_end
        self.windows = windows
        self.networks = [_with_embedding(network, policy, group.front_end) for network in group.networks]
        self._weights = group.weights

    def nothing(self):
        """What `cut_sound` gives, of no clip."""
        return tf.zeros((self.windows, *self.front_end.picture_shape)), tf.zeros(self.windows, tf.bool)

    def cut_sound(self, samples):
        """((windows, mels, frames, channels), (windows,) which of them are not repeated) of a clip (samples,)."""
        picture = self.front_end(self.front_end.prepare(samples)[None])
        starts, kept = self._regular(tf.shape(picture)[2])
        return self._gather(picture, starts)[0], kept

    def cut_pictures(self, pictures):
        """The same of a batch of pictures (batch, mels, frames, channels), and errors (batch,)."""
        batch, frames = tf.shape(pictures)[0], tf.shape(pictures)[2]
        missing = tf.maximum(self.front_end.window_frames - frames, 0)
        padded = tf.pad(pictures, [[0, 0], [0, 0], [0, missing], [0, 0]])
        starts, kept = self._regular(frames + missing)
        narrow = tf.strings.format(f"{{}} frames: a picture has {self.front_end.window_frames} or more", frames)
        sane = tf.reduce_all(tf.abs(pictures) <= LOUDEST, axis=[1, 2, 3])
        error = first_error((tf.fill([batch], missing > 0), narrow), (~sane, NOT_SANE))
        return self._gather(padded, starts), tf.tile(kept[None], [batch, 1]), error

    def _regular(self, frames):
        """First frames (windows,) of windows that are spread evenly, and which of them are not repeated."""
        return regular_starts_in_graph(frames, self.front_end.window_frames, self.windows)

    def _gather(self, pictures, starts):
        """(batch, windows, mels, frames, channels)."""
        columns = starts[:, None] + tf.range(self.front_end.window_frames)
        return tf.transpose(tf.gather(pictures, columns, axis=2), [0, 2, 1, 3, 4])

    def score(self, windows, kept):
        """Weighted sums of sigmoids (batch, classes) float64, and embeddings; means over the windows that count."""
        rows, batch = tf.cast(tf.where(kept)[:, 0], tf.int32), tf.shape(kept)[0]
        values = self._in_chunks(tf.boolean_mask(windows, kept))
        return [tf.math.unsorted_segment_mean(of_windows, rows, batch) for of_windows in values]

    def _in_chunks(self, windows):
        """`_infer` of all windows, `CHUNK` at a time."""
        classes, *_ = (network.outputs[0].shape[1] for network in self.networks)
        features = sum(network.outputs[1].shape[1] for network in self.networks)
        none_yet = [tf.zeros((0, classes), tf.float64), tf.zeros((0, features))]

        def step(first, *done):
            more = self._infer(windows[first : first + CHUNK])
            return first + CHUNK, *(tf.concat(pair, axis=0) for pair in zip(done, more, strict=True))

        shapes = [tf.TensorShape([])] + [tf.TensorShape([None, values.shape[1]]) for values in none_yet]
        count = tf.shape(windows)[0]
        return tf.while_loop(lambda first, *_: first < count, step, [0, *none_yet], shapes, parallel_iterations=1)[1:]

    def _infer(self, windows):
        logits, embeddings = zip(*(network(windows, training=False) for network in self.networks), strict=True)
        return weighted_sigmoids(logits, self._weights), tf.cast(tf.concat(embeddings, axis=1), tf.float32)


def _with_embedding(network: keras.Model, policy: str, front_end: FrontEnd) -> keras.Model:
    """Pictures in dB to logits and to what the last layer sees, or to logits twice, under a dtype policy."""
    fast = for_pictures(*network.layers[-2:], policy, front_end.picture_shape)
    normalise, inner = fast.layers[-2:]
    if (embedding := embedding_of(inner)) is None:
        return keras.Model(fast.input, [fast.output, fast.output])
    return keras.Model(fast.input, keras.Model(inner.input, [inner.output, embedding])(normalise(fast.input)))
