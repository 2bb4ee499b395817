"""The same sound in two folds is found, also in another format; sounds of one class are not the same."""

import shutil
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from fat_tf.audio import FrontEnd
from fat_tf.data import read_dataset, same_sounds
from fat_tf.data.cache import FeatureCache
from fat_tf.data.same_sounds import UNJUDGED, picture_numbers, same_pictures, similar_pictures
from fat_tf.data.sources import MemoryPictures, StreamedPictures
from fat_tf.training.run_data import RunData, warn_of_same_sounds


@pytest.fixture(scope="module")
def originals(synthetic) -> list[str]:
    return list(read_dataset(synthetic).of("curated")["path"])


@pytest.fixture(params=[MemoryPictures, StreamedPictures])
def loaded(cache_dir, request):
    """(source, index) of files."""

    def load(paths: list[str]):
        front_end = FrontEnd()
        index, bad = FeatureCache(cache_dir, front_end).ensure(paths)
        assert not bad
        index = index.set_index("path", drop=False).loc[paths].reset_index(drop=True)
        return request.param(index, front_end), index.assign(frame_values=front_end.frame_values)

    return load


def test_different_sounds_are_not_the_same(originals, loaded):
    source, index = loaded(originals)
    rows = np.arange(len(originals))
    assert similar_pictures(source, rows, rows) == same_pictures(index, rows, rows) == set()


@pytest.mark.parametrize("many", [same_sounds.MANY, 5])
def test_copies_in_other_formats_are_found(originals, loaded, tmp_path, monkeypatch, many):
    monkeypatch.setattr(same_sounds, "MANY", many)  # of more clips, not each is compared with each
    monkeypatch.setattr(same_sounds, "PAIRS", 1)
    copies = []
    for path, ending in zip(originals[:6], ("mp3", "ogg", "flac") * 2, strict=True):
        wave, rate = sf.read(path)
        copies.append(str(tmp_path / f"copy.{len(copies)}.{ending}"))
        sf.write(copies[-1], 0.5 * wave, rate)
    rows = np.arange(len(originals) + len(copies))[4:]  # the first copies have no original among them
    folds = np.repeat([0, 1], [len(originals), len(copies)])[4:]
    source, _ = loaded([*originals, *copies])
    expected = {(k, len(originals) - 4 + k + 4) for k in range(2)}
    assert similar_pictures(source, rows, folds) == expected
    assert similar_pictures(source, rows, np.zeros(len(rows), int)) == set()


@pytest.mark.parametrize("many", [same_sounds.MANY, 3])
def test_equal_pictures_are_not_looked_at_again(originals, loaded, tmp_path, monkeypatch, many):
    paths = [*originals[:3], *(str(shutil.copy2(originals[1], tmp_path / f"{n}.wav")) for n in range(2))]
    source, index = loaded(paths)
    rows, folds = np.arange(5), np.array([0, 1, 2, 3, 3])
    numbers = picture_numbers(index, rows)
    assert numbers[1] == numbers[3] == numbers[4] and len(set(numbers)) == 3
    monkeypatch.setattr(same_sounds, "_difference", lambda a, b: 1 / 0)
    monkeypatch.setattr(same_sounds, "MANY", many)
    found = same_pictures(index, rows, folds) | similar_pictures(source, rows, folds, numbers)
    assert found == {(1, 3), (1, 4)}


def test_equal_files_are_found_without_pictures_and_silent_ones_are_not(originals, loaded, tmp_path):
    paths = [*originals[:3], str(shutil.copy2(originals[1], tmp_path / "copy.wav"))]
    for name in ("silent", "silent too"):
        paths.append(str(tmp_path / f"{name}.wav"))
        sf.write(paths[-1], np.zeros(44100), 44100)
    _, index = loaded(paths)
    assert same_pictures(index, np.arange(6), np.arange(6)) == {(1, 3)}
    assert same_pictures(index, np.array([5, 3, 1]), np.array([0, 0, 1])) == {(1, 2)}
    assert same_pictures(index, np.arange(6), np.zeros(6, int)) == set()


def test_noisy_clips_are_compared_with_curated_ones_alone(originals, loaded, tmp_path):
    wave, rate = sf.read(originals[1])
    copies = [str(tmp_path / f"copy.{number}.mp3") for number in range(2)]
    for copy in copies:
        sf.write(copy, 0.5 * wave, rate)
    source, index = loaded([*originals[:3], *copies])
    folds = np.array([0, 1, 0, UNJUDGED, UNJUDGED])
    assert similar_pictures(source, np.arange(5), folds) == {(1, 3), (1, 4)}
    assert same_pictures(index, np.array([0, 3, 4]), folds[[0, 3, 4]]) == set()


def test_a_run_says_it_unless_there_are_groups(originals, loaded, tmp_path, capsys):
    source, index = loaded([*originals[:3], str(shutil.copy2(originals[0], tmp_path / "copy.wav"))])
    clips = pd.DataFrame({"fname": ["a", "b", "c", "d"], "source": "curated"})
    folds = np.array([0, 1, 0, 1])
    for table in (clips, clips.assign(group=["1", "2", "3", "1"])):
        warn_of_same_sounds(RunData(SimpleNamespace(), table, np.eye(4), folds, index, source, {}))
    said = capsys.readouterr().err
    assert said.startswith("Warning: 1 pair of clips in different folds sound the same: a (fold 0) and d (fold 1). ")
    assert said.count("\n") == 1 and "column group" in said
    noisy = clips.assign(source=["curated"] * 3 + ["noisy"])
    data = RunData(SimpleNamespace(), noisy, np.eye(4), folds[:3], index, source, {})
    warn_of_same_sounds(data)
    said = capsys.readouterr().err
    assert data.same_sounds.to_dict("list") == {
        "fname": ["a"], "fold": [0], "same": ["d"], "same_source": ["noisy"], "same_fold": [UNJUDGED]
    }  # fmt: skip
    assert said.startswith("Warning: 1 pair of a noisy and a curated clip sound the same: d and a (fold 0). ")
    assert said.count("\n") == 1 and "column group" in said
