"""The pictures of the page."""

import base64
import html
import re
import warnings
import xml.etree.ElementTree as ElementTree

import librosa
import numpy as np
import pytest

from fat_tf.audio import LogMel
from fat_tf.demo.drawing import MOMENTS, NARROW, ROWS, WIDE, as_html, draw, row_of, strongest
from fat_tf.demo.tags_over_time import TaggedSound, TagTrack, tag_over_time
from fat_tf.pages.picture import log_mel_for


def make_sound(samples: np.ndarray, track: list, sample_rate: int = 44100, labels: tuple[str, ...] = ()) -> TaggedSound:
    track = np.array(track, float)
    labels = labels or tuple(f"class {k}" for k in range(track.shape[1]))
    centres = 1 + np.arange(len(track)) * 0.5
    return TaggedSound(samples.astype(np.float32), sample_rate, labels, track.mean(axis=0), 2.0, centres, track)


@pytest.mark.parametrize("sample_rate", [16000, 44100, 48000])
def test_frequencies_stand_at_their_rows(sample_rate):
    log_mel = log_mel_for(sample_rate)
    centres = librosa.mel_frequencies(log_mel.n_mels + 2, fmin=log_mel.fmin, fmax=log_mel.fmax)[1:-1]
    np.testing.assert_allclose([row_of(hz, log_mel) for hz in centres], np.arange(log_mel.n_mels), atol=1e-6)
    tone = np.sin(2 * np.pi * 2000 * np.arange(sample_rate) / sample_rate)
    picture = draw(make_sound(tone, [[1.0]], sample_rate), WIDE).axes[0].images[0].get_array()
    assert np.abs(picture.mean(axis=1).argmax() - row_of(2000, log_mel)) <= 0.5


def test_the_default_rate_has_the_default_picture():
    assert log_mel_for(44100).get_config() == LogMel().get_config()


def test_each_moment_has_the_scores_of_the_nearest_window():
    tagged = make_sound(np.zeros(4 * 44100), [[0.1], [0.9], [0.5]])  # centred at 1, 1.5 and 2 s of 4
    (row,) = draw(tagged, WIDE).axes[1].images[0].get_array()
    moments = np.linspace(0, 4, MOMENTS)
    np.testing.assert_array_equal(row, np.select([moments < 1.25, moments < 1.75], [0.1, 0.9], 0.5))


def test_rows_are_the_classes_with_the_highest_window():
    track = np.full((3, 20), 0.2)
    track[1, 7], track[:, 3] = 0.9, 0.5  # one short, one lasting
    labels, rows = strongest(make_sound(np.zeros(44100), track))
    assert labels[:2] == ["class 7", "class 3"] and len(labels) == ROWS
    np.testing.assert_array_equal(rows[:2], [[0.2, 0.9, 0.2], [0.5, 0.5, 0.5]])


def test_long_labels_leave_room_on_a_phone():
    label = "Traffic_noise_and_roadway_noise"
    tagged = make_sound(np.zeros(44100), [[1.0]], labels=(label,))
    wide, narrow = (draw(tagged, width).axes[1].get_yticklabels()[0].get_text() for width in (WIDE, NARROW))
    assert wide == label and narrow == "Traffic_noise_and…"


def test_both_pictures_are_in_the_element_and_labels_are_text(tagger, sound):
    element = as_html(tag_over_time(tagger, sound(1.0), 120, TagTrack()))
    images = [base64.b64decode(image) for image in re.findall(r"data:image/svg\+xml;base64,([\w+/=]+)", element)]
    widths = [float(ElementTree.fromstring(image).get("width").removesuffix("pt")) / 72 for image in images]
    np.testing.assert_allclose(widths, [NARROW, WIDE], rtol=0.01)
    (text,) = re.findall('alt="([^"<>]*)"', element)
    assert html.unescape(text) == "Log-mel of 2.0 s of sound, and quiet, loud, <i>$never$</i> over time"


@pytest.mark.parametrize("samples", [2, 44100])
def test_silence_and_a_click_are_drawn_without_complaint(samples):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "<img" in as_html(make_sound(np.zeros(samples), [[0.0, 0.0]]))
