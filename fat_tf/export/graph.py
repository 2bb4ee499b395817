"""From sound to tags in one graph of core TensorFlow operations: what a server runs."""

from collections.abc import Sequence

import tensorflow as tf

from fat_tf.audio.decode import LOUDEST, SHORTEST
from fat_tf.export.graph_errors import NOT_SANE, first_error
from fat_tf.export.group_graph import GroupGraph
from fat_tf.export.resample import RATES, resample
from fat_tf.export.wav_reader import decode_wav
from fat_tf.inference.run_models import Models


class TaggingGraph:
    """Three ways into the same models; each takes a batch and gives the outputs of `_outputs`.

    A bad item has a text in `error`, and zeros and empty texts for the rest; the others are not touched by it.

    Args:
        models: of `load_runs`, float32; all at one sample rate.
        policy: dtype policy of the networks in the graph.
        windows: of a clip, spread evenly.
        top: labels that are named for each clip.
    """

    def __init__(self, models: Models, policy: str, windows: int, top: int):
        self.groups = [GroupGraph(group, policy, windows) for group in models.groups]
        self.sample_rate = models.groups[0].front_end.sample_rate
        self._labels = models.vocabulary
        self._top = min(top, len(models.vocabulary))

    def of_wav(self, wav_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        """wav_bytes: string (batch,), 16-bit PCM WAV files."""

        def cut(contents):
            samples, rate, error = decode_wav(contents)
            return self._cut(*self._at_model_rate(samples, rate, error))

        return self._outputs(*tf.map_fn(cut, wav_bytes, fn_output_signature=self._cut_spec))

    def of_waveform(self, waveform: tf.Tensor, lengths: tf.Tensor) -> dict[str, tf.Tensor]:
        """waveform: float32 (batch, samples) at the models' rate; lengths: int32 (batch,), samples of each clip."""
        one_each = tf.debugging.assert_equal(
            tf.shape(lengths)[0], tf.shape(waveform)[0], "lengths: one for each row of waveform"
        )

        def cut(clip):
            samples, length = clip
            there = tf.size(samples)
            text = tf.strings.format("a length of {} samples in an array of {}", (length, there))
            wrong = (length < 0) | (length > there)
            return self._cut(samples[: tf.where(wrong, 0, length)], first_error((wrong, text)))

        with tf.control_dependencies([one_each]):
            return self._outputs(*tf.map_fn(cut, (waveform, lengths), fn_output_signature=self._cut_spec))

    def of_log_mel(self, *pictures: tf.Tensor) -> dict[str, tf.Tensor]:
        """pictures: float32 dB (batch, mels, frames, channels), whole clips; one for each front end."""
        cut = [group.cut_pictures(batch) for group, batch in zip(self.groups, pictures, strict=True)]
        windows, kept, errors = zip(*cut, strict=True)
        texts = [(error != "", error) for error in errors]
        return self._outputs(windows, kept, first_error(*texts))

    @property
    def _cut_spec(self):
        """What `_cut` gives of one clip: (windows, which of them count) by group, and the error."""
        shapes = [(group.windows, *group.front_end.picture_shape) for group in self.groups]
        windows = tuple(tf.TensorSpec(shape, tf.float32) for shape in shapes)
        return windows, tuple(tf.TensorSpec(shape[:1], tf.bool) for shape in shapes), tf.TensorSpec([], tf.string)

    def _at_model_rate(self, samples, rate, error) -> tuple[tf.Tensor, tf.Tensor]:
        """(samples at the models' rate, error)."""
        rates = sorted({*RATES, self.sample_rate})
        place = tf.reduce_sum(tf.where(rate == rates, tf.range(len(rates)) + 1, 0))
        ways = [lambda: tf.zeros([0]), *(lambda r=r: resample(samples, r, self.sample_rate) for r in rates)]
        unusual = tf.strings.format(f"a sample rate of {{}} Hz: send one of {', '.join(map(str, rates))}", rate)
        error = first_error((error != "", error), (place == 0, unusual))
        return tf.switch_case(tf.where(error == "", place, 0), ways), error

    def _cut(self, samples, error):
        """Windows of one clip (samples,); see `_cut_spec`."""
        few = tf.where(tf.size(samples) == 0, "no samples", "one sample only")
        sane = tf.reduce_all(tf.abs(samples) <= LOUDEST)
        error = first_error((error != "", error), (tf.size(samples) < SHORTEST, few), (~sane, NOT_SANE))
        cut = [tf.cond(error == "", lambda g=g: g.cut_sound(samples), g.nothing) for g in self.groups]
        windows, kept = zip(*cut, strict=True)
        return windows, kept, error

    def _outputs(self, windows: Sequence[tf.Tensor], kept: Sequence[tf.Tensor], error: tf.Tensor):
        """scores, their best labels, the embedding (batch, features of all networks), the error."""
        fine = (error == "")[:, None]
        groups = zip(self.groups, windows, kept, strict=True)
        by_group = [group.score(of_group, counted & fine) for group, of_group, counted in groups]
        scores = tf.cast(tf.add_n([scores for scores, _ in by_group]), tf.float32)
        embedding = tf.concat([embedding for _, embedding in by_group], axis=1)
        top_scores, order = tf.math.top_k(scores, self._top)
        labels = tf.where(fine, tf.gather(tf.constant(self._labels), order), "")
        return {"scores": scores, "labels": labels, "top_scores": top_scores, "embedding": embedding, "error": error}
