"""Front ends of one's own: what they are asked for, how they are saved, what tells them apart."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from fat_tf.audio import FrontEnd, LogMel
from fat_tf.audio.front_end_check import check_front_end
from fat_tf.errors import UserError


@keras.saving.register_keras_serializable("test_front_end")
class Loudness(keras.layers.Layer):
    """Root mean square of each hop, in two rows; the smallest front end there is."""

    sample_rate, hop_length = 8000, 100

    def __init__(self, factor=2, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, waveform, lengths=None):
        hops = tf.signal.frame(tf.pad(waveform, [[0, 0], [0, 100]]), 100, 100)
        rows = tf.sqrt(tf.reduce_mean(hops**2, axis=2))[:, None]
        return tf.tile(self.factor * rows, [1, 2, 1])[..., None]

    def get_config(self):
        return super().get_config() | {"factor": self.factor}


@keras.saving.register_keras_serializable("test_front_end")
class Quieter(FrontEnd):
    """Another way of a sound to its picture."""

    def call(self, waveform, lengths=None):
        return super().call(waveform / 2, lengths)


def test_the_shape_of_a_picture_is_what_the_layer_gives():
    front_end = FrontEnd(Loudness(), window_seconds=0.5)
    assert front_end.picture_shape == (2, 41, 1) and front_end.frame_values == 2
    assert front_end(np.zeros((3, 4000), np.float32)).shape == (3, 2, 41, 1)
    assert front_end.compute_output_shape((None, 4000)) == (None, 2, 41, 1)
    check_front_end(front_end)


@pytest.mark.parametrize(
    "front_end", [FrontEnd(LogMel(n_mels=16)), FrontEnd(Loudness(3)), Quieter(Loudness())], ids=str
)
def test_a_model_is_saved_with_the_front_end_that_it_has(front_end, tmp_path):
    sound = np.random.default_rng(0).uniform(-1, 1, (1, front_end.window_samples)).astype(np.float32)
    inputs = keras.Input((front_end.window_samples,))
    keras.Model(inputs, front_end.fresh()(inputs)).save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded.get_layer("front_end")) is type(front_end)
    np.testing.assert_array_equal(loaded(sound), front_end(sound))
    assert loaded.get_layer("front_end").key == front_end.key


def test_settings_of_old_runs_are_those_of_a_log_mel():
    old = {"name": "front_end", "log_mel": LogMel(n_mels=16).get_config(), "trim_db": 50.0, "window_seconds": 1.0}
    assert FrontEnd.from_config(old).key == FrontEnd(LogMel(n_mels=16), trim_db=50.0, window_seconds=1.0).key


def test_keys_tell_front_ends_apart_by_what_they_draw():
    keys = {
        FrontEnd(LogMel()).key, FrontEnd(LogMel(fmin=30.0)).key, FrontEnd(LogMel(n_fft=(960, 1920))).key,
        FrontEnd(Loudness()).key, FrontEnd(Loudness(3)).key, Quieter(Loudness()).key,
        FrontEnd(LogMel(), trim_db=50).key,
    }  # fmt: skip
    assert len(keys) == 7
    assert FrontEnd(LogMel(fmin=20, name="other"), trim_db=60, name="mine").key == FrontEnd(LogMel(fmin=20.0)).key
    drawn = FrontEnd(Loudness(), window_seconds=0.5)
    before = drawn.key
    drawn(np.zeros((1, 4000), np.float32))
    assert drawn.key == before


def wrong(**changes):
    """Loudness with some of its methods or attributes replaced."""
    return type("Wrong", (Loudness,), changes)()


WRONG = {
    "frames": (
        {"call": lambda self, x, lengths=None: Loudness.call(self, x)[:, :, :-1]},
        r"gives a sound of 4000 samples a picture of \(2, 40, 1\): expected is \(2, 41, 1\)",
    ),
    "no lengths": ({"call": lambda self, x: Loudness.call(self, x)}, r"TypeError.*lengths"),
    "silence": ({"call": lambda self, x, lengths=None: tf.math.log(Loudness.call(self, x))}, "not finite"),
    "too large": ({"call": lambda self, x, lengths=None: 1e6 * Loudness.call(self, x)}, "above 65504"),
    "padding": (
        {"call": lambda self, x, lengths=None: Loudness.call(self, x) / tf.cast(tf.shape(x)[1], tf.float32) * 1e5},
        "in a padded batch otherwise than alone",
    ),
    "no hop": ({"hop_length": None}, "TypeError"),
}


@pytest.mark.parametrize("changes, message", WRONG.values(), ids=WRONG)
def test_what_a_front_end_does_wrong_is_a_line(changes, message):
    with pytest.raises(UserError, match=f"The front end Wrong.*{message}") as raised:
        check_front_end(FrontEnd(wrong(**changes), window_seconds=0.5))
    assert "\n" not in raised.value.message


def test_what_is_learned_has_no_place_in_a_front_end():
    layer = Loudness()
    layer.gain = layer.add_weight(shape=(), name="gain")
    with pytest.raises(UserError, match="The front end Loudness has weights"):
        check_front_end(FrontEnd(layer, window_seconds=0.5))


def test_short_clips_are_wrapped_around_themselves():
    front_end = FrontEnd(
        LogMel(sample_rate=1000, n_fft=64, hop_length=32, n_mels=4, fmax=500.0), window_seconds=0.01, padding="wrap"
    )
    clip = np.arange(4, dtype=np.float32)
    np.testing.assert_array_equal(front_end.pad(clip), np.pad(clip, (3, 3), mode="wrap"))
    np.testing.assert_array_equal(front_end.pad(clip[:3]), np.pad(clip[:3], (3, 4), mode="wrap"))
    long = np.arange(12, dtype=np.float32)
    np.testing.assert_array_equal(front_end.pad(long), long)
    assert FrontEnd.from_config(front_end.get_config()).padding == "wrap" and "padding" not in FrontEnd().get_config()
    assert front_end.key != front_end.fresh(padding="zeros").key
    with pytest.raises(ValueError, match="padding is one of zeros, wrap, not 'mirror'"):
        FrontEnd(padding="mirror")
