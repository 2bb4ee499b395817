"""LogMel against librosa, for every length and any padding, and how tensorflow-io's pieces relate to it."""

import warnings

import keras
import librosa
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from fat_tf.audio import FrontEnd, LogMel
from fat_tf.audio.decode import tensorflow_io_works
from fat_tf.audio.mel import mel_filters

TOLERANCE_DB = 1e-3
LENGTHS = [1, 2, 3, 689, 690, 691, 959, 960, 961, 1920, 1921, 44100, 176400]


def sound(samples: int, seed: int = 0) -> np.ndarray:
    """A decaying tone over noise 60 dB below: many cells near the 80 dB floor."""
    rng = np.random.default_rng([seed, samples])
    time = np.arange(samples) / 44100
    tone = 0.5 * np.exp(-3 * time) * np.sin(2 * np.pi * (300 + 2000 * rng.random()) * time)
    return (tone + 1e-3 * rng.standard_normal(samples)).astype(np.float32)


def of_librosa(clip: np.ndarray, n_mels: int = 64) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # n_fft is longer than a short clip
        power = librosa.feature.melspectrogram(
            y=clip, sr=44100, n_fft=1920, hop_length=690, n_mels=n_mels, fmin=20, fmax=22050, pad_mode="reflect"
        )
    return librosa.power_to_db(power, amin=1e-10, top_db=80)


@pytest.mark.parametrize("samples", LENGTHS)
@pytest.mark.parametrize("fft_dtype, tolerance_db", [("float32", 3 * TOLERANCE_DB), ("float64", 1e-4)])
def test_equals_librosa(samples, fft_dtype, tolerance_db):
    clip = sound(samples)
    picture = LogMel(fft_dtype=fft_dtype)(clip[None]).numpy()
    assert picture.shape == (1, 64, 1 + samples // 690, 1)
    np.testing.assert_allclose(picture[0, ..., 0], of_librosa(clip), atol=tolerance_db)


@pytest.mark.parametrize("level", [1.0, 1e-3])
def test_float32_equals_librosa_on_noise(level):
    clip = level * np.random.default_rng(0).uniform(-1, 1, 44100).astype(np.float32)
    np.testing.assert_allclose(LogMel()(clip[None])[0, ..., 0], of_librosa(clip), atol=TOLERANCE_DB)


@pytest.mark.parametrize("fft_dtype, tolerance_db", [("float32", 0.02), ("float64", 1e-4)])
@pytest.mark.parametrize("hertz", [50, 1000, 20_000])
def test_equals_librosa_80_db_below_a_pure_tone(hertz, fft_dtype, tolerance_db):
    clip = 0.9 * np.sin(2 * np.pi * hertz * np.arange(44100) / 44100).astype(np.float32)
    picture = LogMel(fft_dtype=fft_dtype)(clip[None])
    np.testing.assert_allclose(picture[0, ..., 0], of_librosa(clip), atol=tolerance_db)


@pytest.fixture(scope="module")
def in_graph():
    """As the pipeline calls it: of any shape, some frames at a time."""
    signature = [tf.TensorSpec([None, None]), tf.TensorSpec([None], tf.int32)]
    return tf.function(LogMel(fft_dtype="float64").call, input_signature=signature)


@settings(max_examples=40)
@given(st.lists(st.integers(1, 9000), min_size=1, max_size=4), st.integers(0, 5000), st.integers(0, 99))
def test_padding_does_not_change_a_clip(in_graph, lengths, extra, seed):
    clips = [sound(length, seed) for length in lengths]
    # Loud rubbish as padding: it would raise the floor of a clip if it were looked at.
    batch = np.full((len(clips), max(lengths) + extra), 1e3, np.float32)
    for row, clip in zip(batch, clips, strict=True):
        row[: len(clip)] = clip
    pictures = in_graph(batch, np.array(lengths, np.int32)).numpy()[..., 0]
    for picture, clip in zip(pictures, clips, strict=True):
        frames = 1 + len(clip) // 690
        np.testing.assert_allclose(picture[:, :frames], of_librosa(clip), atol=TOLERANCE_DB)
        assert (picture[:, frames:] == picture[:, :frames].max() - 80).all() or frames == picture.shape[1]


@pytest.mark.parametrize("clip", [np.zeros(5000), np.full(5000, 1e-30), np.ones(5000)], ids=["zeros", "tiny", "dc"])
def test_equals_librosa_on_the_edges_of_power(clip):
    clip = clip.astype(np.float32)
    np.testing.assert_allclose(LogMel()(clip[None])[0, ..., 0], of_librosa(clip), atol=TOLERANCE_DB)


@pytest.mark.parametrize("n_mels", [32, 64, 128])
@pytest.mark.parametrize("n_fft, fmin, fmax", [(1920, 20, 22050), (2048, 0, 16000)])
def test_filters_equal_librosa(n_mels, n_fft, fmin, fmax):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of 128 filters are empty, in librosa's words
        theirs = librosa.filters.mel(sr=44100, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax).T
    np.testing.assert_allclose(mel_filters(44100, n_fft, n_mels, fmin, fmax), theirs, atol=1e-7)


def test_several_windows_are_channels_each_as_it_is_alone():
    batch, lengths = np.stack([sound(6000), sound(6000, 1)]), np.array([6000, 900])
    picture = LogMel(n_fft=(960, 1920, 3840))(batch, lengths=lengths)
    assert picture.shape == (2, 64, 9, 3)
    for channel, window in enumerate((960, 1920, 3840)):
        np.testing.assert_allclose(
            picture[..., channel], LogMel(n_fft=window)(batch, lengths=lengths)[..., 0], atol=1e-4
        )
    assert FrontEnd(LogMel(n_fft=(960, 1920, 3840))).picture_shape == (64, 256, 3)


def test_four_seconds_are_256_frames():
    front_end = FrontEnd()
    assert front_end.window_samples == 176_400
    assert front_end.picture_shape == (64, 256, 1)
    assert front_end(np.zeros((2, 176_400), np.float32)).shape == (2, 64, 256, 1)


def test_float32_inside_under_mixed_precision():
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    try:
        layer = LogMel()
    finally:
        keras.mixed_precision.set_dtype_policy("float32")
    clip = sound(20_000)
    picture = layer(clip[None])
    assert picture.dtype == "float32"
    np.testing.assert_allclose(picture[0, ..., 0], of_librosa(clip), atol=TOLERANCE_DB)


def test_graph_with_unknown_shapes_equals_eager():
    layer = LogMel()
    in_graph = tf.function(layer, input_signature=[tf.TensorSpec([None, None]), tf.TensorSpec([None], tf.int32)])
    batch = np.stack([sound(3000), sound(3000, 1)])
    lengths = np.array([3000, 700], np.int32)
    np.testing.assert_allclose(in_graph(batch, lengths), layer(batch, lengths), atol=1e-4)


def test_survives_saving(tmp_path):
    front_end = FrontEnd(LogMel(n_mels=32, fmin=50.0), trim_db=40.0, window_seconds=1.0)
    waveform = keras.Input((None,))
    keras.Model(waveform, front_end(waveform)).save(tmp_path / "front_end.keras")
    loaded = keras.models.load_model(tmp_path / "front_end.keras")
    assert loaded.layers[-1].get_config() == front_end.get_config()
    clip = sound(44100)[None]
    np.testing.assert_array_equal(loaded(clip), front_end(clip))


def test_frequencies_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="fmax"):
        LogMel(sample_rate=16000, fmax=22050.0)


def test_tensorflow_io_pieces_differ_in_known_ways():
    """Why LogMel does not use them: no centring, magnitude for power, HTK mels without norm, one floor a batch."""
    assert tensorflow_io_works()
    import tensorflow_io as tfio

    clip = sound(44100)
    theirs = tfio.audio.spectrogram(clip, nfft=1920, window=1920, stride=690)
    padded = np.pad(clip, 960, mode="reflect")
    magnitude = np.abs(librosa.stft(padded, n_fft=1920, hop_length=690, center=False)).T
    centred = tfio.audio.spectrogram(padded, nfft=1920, window=1920, stride=690)[: len(magnitude)]
    np.testing.assert_allclose(centred, magnitude, atol=1e-3)  # padded by hand, the magnitudes are librosa's
    assert np.abs(theirs - magnitude).max() > 1  # not padded, its frames start half a window later
    mels = tfio.audio.melscale(magnitude**2, rate=44100, mels=64, fmin=20, fmax=22050).numpy()
    htk = librosa.feature.melspectrogram(
        S=magnitude.T**2, sr=44100, n_mels=64, fmin=20, fmax=22050, htk=True, norm=None
    ).T
    strong = htk > 1e-3 * htk.max()
    np.testing.assert_allclose(mels[strong], htk[strong], rtol=0.05)  # HTK triangles, up to its interpolation
    slaney = (magnitude**2) @ mel_filters(44100, 1920, 64, 20, 22050)
    assert np.median(np.abs(10 * np.log10(mels[strong] / slaney[strong]))) > 10  # dB from librosa's default


def test_a_long_clip_is_computed_some_frames_at_a_time_to_the_same_values():
    layer = LogMel(n_fft=(400, 256), hop_length=100, n_mels=20)
    waveform = np.random.default_rng(0).standard_normal((2, 100 * 2500 + 17)).astype(np.float32)
    unknown = tf.function(layer.call, input_signature=[tf.TensorSpec([None, None]), tf.TensorSpec([None], tf.int32)])
    for lengths in ([250_017, 250_017], [102_400, 123]):
        expected = layer(waveform, lengths=tf.constant(lengths))  # of a known size: in one
        np.testing.assert_allclose(unknown(waveform, tf.constant(lengths)), expected, atol=1e-4)
