"""What is tagged in a file, window by window."""

import numpy as np
import pytest
import soundfile as sf

from fat_tf.demo.tags_over_time import TagTrack, tag_over_time
from fat_tf.errors import UserError


@pytest.mark.parametrize("seconds_each, tag_track, hop", [
    (1.0, TagTrack(), 0.25),
    (3.0, TagTrack(), 0.25),
    (30.0, TagTrack(), 59 / 39),
    (30.0, TagTrack(0.5, 200), 0.5),
])  # fmt: skip
def test_scores_of_windows_lie_at_their_centres(tagger, sound, seconds_each, tag_track, hop):
    tagged = tag_over_time(tagger, sound(seconds_each), 120, tag_track)
    assert tagged.seconds == 2 * seconds_each
    loud_part = np.clip(tagged.centres + 0.5 - seconds_each, 0, 1)
    np.testing.assert_allclose(tagged.track, np.stack([1 - loud_part, loud_part, 0 * loud_part], axis=1), atol=1e-3)
    np.testing.assert_allclose(tagged.scores, [0.5, 0.5, 0.0])
    assert tagged.centres[0] == 0.5 and tagged.centres[-1] == tagged.seconds - 0.5
    assert len(tagged.centres) <= tag_track.most_windows
    assert np.diff(tagged.centres).max() == pytest.approx(hop, rel=1e-3)


@pytest.mark.parametrize("values", [(0.0, 40), (float("nan"), 40), (float("inf"), 40), (0.25, 1)])
def test_a_track_without_windows_is_refused(values):
    with pytest.raises(UserError, match=r"^TagTrack wants a hop of 0.01 seconds or more and two windows or more"):
        TagTrack(*values)


def test_a_sound_shorter_than_a_window_has_the_scores_of_the_whole(tagger, sound):
    tagged = tag_over_time(tagger, sound(0.1), 120, TagTrack())
    np.testing.assert_array_equal(tagged.track, [tagged.scores])


def test_a_sound_may_be_as_long_as_allowed(tagger, sound):
    assert tag_over_time(tagger, sound(1.0), 2, TagTrack()).seconds == 2
    with pytest.raises(UserError, match=r"^sound\.wav is longer than 1\.9 s: cut it"):
        tag_over_time(tagger, sound(1.0), 1.9, TagTrack())


def test_a_long_file_is_refused(tagger, tmp_path):
    sf.write(tmp_path / "long.flac", np.zeros(130 * 8000), 8000)
    with pytest.raises(UserError, match=r"^long\.flac is longer than 120 s: cut it, or start the page with a larger"):
        tag_over_time(tagger, tmp_path / "long.flac", 120, TagTrack())


@pytest.mark.parametrize("contents, message", [
    (b"no sound", r"^bad\.wav cannot be read: not a readable sound file: a text, .*\. Try WAV, "),
    (b"", r"^bad\.wav cannot be read: "),
    (np.zeros(0), r"^bad\.wav cannot be read: no samples\. Try"),
    (np.zeros(1), r"^bad\.wav cannot be read: one sample only\. Try"),
])  # fmt: skip
def test_a_bad_file_is_one_line_with_its_name_alone(tagger, tmp_path, contents, message):
    file = tmp_path / "bad.wav"
    if isinstance(contents, bytes):
        file.write_bytes(contents)
    else:
        sf.write(file, contents, 8000)
    with pytest.raises(UserError, match=message) as caught:
        tag_over_time(tagger, file, 120, TagTrack())
    assert "\n" not in caught.value.message and str(tmp_path) not in caught.value.message
