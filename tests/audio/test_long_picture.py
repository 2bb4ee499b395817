"""Long sounds: the picture that is drawn by blocks is that of the whole."""

import keras
import numpy as np
import pytest
import soundfile as sf

from fat_tf.audio import FrontEnd, LogMel
from fat_tf.audio.decode import LONG_SECONDS, DecodeError, LongSound, is_too_long, load_audio, obstacle
from fat_tf.audio.decode.load import LONG_BYTES
from fat_tf.audio.long_picture import draw_long
from fat_tf.audio.trim import SilenceMeter, trim_silence


@pytest.fixture
def write(tmp_path):
    """Writes noise between silence; arguments: Hz, channels, seconds of silence at each end, ending."""

    def write(rate: int, channels: int, silence: float, ending: str, seconds: float = 30.7) -> str:
        wave = 0.1 * np.random.default_rng(rate).standard_normal((int(seconds * rate), channels))
        quiet = int(silence * rate)
        wave[:quiet] *= 1e-5
        wave[len(wave) - quiet :] *= 1e-5
        sf.write(tmp_path / f"clip.{ending}", wave, rate)
        return str(tmp_path / f"clip.{ending}")

    return write


@pytest.mark.parametrize("log_mel", [{}, {"n_fft": (1024, 2048), "hop_length": 441, "n_mels": 32}], ids=str)
@pytest.mark.parametrize("kind", [(44100, 1, 1.3, "wav"), (48000, 2, 0.0, "flac"), (22050, 2, 0.7, "ogg")], ids=str)
def test_the_picture_is_that_of_the_whole(write, kind, log_mel):
    path, front_end = write(*kind), FrontEnd(LogMel(**log_mel))
    waveform, error = front_end.load(path)
    assert error == b""
    samples, picture = draw_long(path, front_end)
    assert samples == len(waveform)
    np.testing.assert_allclose(picture, front_end(waveform[None])[0], atol=1e-4)


def test_a_long_file_with_little_sound_is_padded(write):
    path, front_end = write(44100, 1, 15.3, "wav"), FrontEnd()
    waveform, _ = front_end.load(path)
    samples, picture = draw_long(path, front_end)
    assert samples == len(waveform) == front_end.window_samples
    np.testing.assert_allclose(picture, front_end(waveform[None])[0], atol=1e-4)


class Powers(keras.layers.Layer):
    """A picture of one's own, which cannot be drawn by blocks."""

    sample_rate, hop_length = 44100, 4410

    def call(self, waveform, lengths=None):
        padded = keras.ops.pad(waveform, [[0, 0], [0, self.hop_length]])
        whole = keras.ops.shape(padded)[1] // self.hop_length * self.hop_length
        frames = keras.ops.reshape(padded[:, :whole], [keras.ops.shape(waveform)[0], 1, -1, self.hop_length])
        return keras.ops.mean(keras.ops.square(frames), axis=-1)[..., None]

    def compute_output_shape(self, shape, lengths_shape=None):
        return (shape[0], 1, None if shape[1] is None else 1 + shape[1] // self.hop_length, 1)


def test_a_front_end_that_cannot_draw_by_blocks_gets_the_whole(write):
    path, front_end = write(44100, 1, 0.0, "wav"), FrontEnd(Powers())
    _, picture = draw_long(path, front_end)
    np.testing.assert_allclose(picture, front_end(front_end.load(path)[0][None])[0])


def test_channels_that_cancel_are_said_once_and_the_loudest_is_drawn(tmp_path, capsys):
    wave = 0.1 * np.random.default_rng(0).standard_normal(44100 * 10)
    sf.write(tmp_path / "two.wav", np.stack([wave, -0.99 * wave], axis=1), 44100)
    sf.write(tmp_path / "one.wav", wave, 44100)
    front_end = FrontEnd()
    np.testing.assert_array_equal(*(draw_long(tmp_path / f"{name}.wav", front_end)[1] for name in ("one", "two")))
    assert capsys.readouterr().err.count("cancel each other out") == 1


def test_a_cut_file_is_told_apart(write):
    path = write(44100, 1, 0.0, "flac")
    with open(path, "r+b") as file:
        file.truncate(500_000)
    with pytest.raises(DecodeError, match="cut short"):
        draw_long(path, FrontEnd())


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_what_is_longer_than_asked_for_is_not_loaded(write, ending):
    path = write(8000, 1, 0.0, ending, seconds=3.0)
    samples, error = load_audio(path, 8000, 2.9)
    assert not len(samples) and is_too_long(error.numpy())
    samples, error = load_audio(path, 8000, 3.0)
    assert len(samples) == 24_000 and error == b""


def test_a_large_file_is_not_read_to_find_out(tmp_path):
    with open(tmp_path / "large.wav", "wb") as file:
        file.truncate(LONG_BYTES + 1)
    assert is_too_long(obstacle(tmp_path / "large.wav"))
    assert obstacle(tmp_path / "none.wav") == "No such file or directory"
    assert LONG_SECONDS * 44100 * 2 < LONG_BYTES


@pytest.mark.parametrize("samples", [2, 511, 512, 513, 5000, 44100])
@pytest.mark.parametrize("block", [100, 512, 7001])
def test_silence_is_measured_by_blocks_as_at_once(samples, block):
    rng = np.random.default_rng(samples)
    wave = (rng.standard_normal(samples) * np.where(np.arange(samples) % 9000 < 3000, 1e-6, 0.5)).astype(np.float32)
    meter = SilenceMeter()
    for start in range(0, samples, block):
        meter.add(wave[start : start + block])
    start, stop = meter.loud_part(60.0)
    np.testing.assert_array_equal(wave[start:stop], trim_silence(wave, 60.0))


def test_blocks_are_those_of_the_whole_at_any_rate(write):
    path = write(48000, 2, 0.0, "flac", seconds=7.0)
    blocks = list(LongSound(path, 16000).blocks())
    assert len(blocks) > 1
    np.testing.assert_allclose(np.concatenate(blocks), load_audio(path, 16000)[0], atol=1e-5)
