"""Log-mels that machines share by a URL: computed once, fetched where they are wanted."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fat_tf.audio import FrontEnd, LogMel
from fat_tf.data import cache, read_dataset
from fat_tf.data.cache import FeatureCache
from fat_tf.data.features import compute_features
from fat_tf.data.sources import MemoryPictures
from fat_tf.storage.places import fetch, shared_by
from fat_tf.storage.remote import Remote


@pytest.fixture
def sounds(synthetic, memory_url, tmp_path) -> str:
    """URL of six sounds."""
    folder = tmp_path / "sounds"
    folder.mkdir()
    for path in read_dataset(synthetic).clips["path"][:6]:
        shutil.copy2(path, folder)
    remote = Remote(memory_url)
    for file in folder.iterdir():
        remote.push(file, file.name)
    return memory_url


@pytest.fixture
def computed(monkeypatch) -> list[str]:
    """Names of the clips that are computed from now on."""
    names = []

    def compute(paths, front_end):
        names.extend(Path(path).name for path in paths)
        return compute_features(paths, front_end)

    monkeypatch.setattr(cache, "compute_features", compute)
    return names


def ensured(sounds: str, place: str, clips: slice = slice(None)) -> pd.DataFrame:
    paths = sorted(map(str, fetch(sounds).iterdir()))[clips]
    index, bad = FeatureCache(shared_by(place), FrontEnd(LogMel(n_mels=16)), shard_clips=2).ensure(paths)
    assert not bad and list(index["path"]) == paths
    return index


def total(index: pd.DataFrame) -> float:
    """Of all cells of the pictures that are read."""
    front_end = FrontEnd(LogMel(n_mels=16))
    return sum(
        picture.numpy().astype(np.float64).sum()
        for _, picture in MemoryPictures(index, front_end).examples(range(len(index)))
    )


def test_each_clip_is_computed_once_for_all_machines(sounds, computed, at_home, monkeypatch):
    place = f"{sounds}-log-mels"
    first = total(ensured(sounds, place))
    assert len(computed) == 6
    at_home("second")
    assert total(ensured(sounds, place)) == first and len(computed) == 6
    at_home("third")
    fetched, really = [], Remote.fetch
    monkeypatch.setattr(Remote, "fetch", lambda self, name, *rest: fetched.append(name) or really(self, name, *rest))
    ensured(sounds, place, slice(1))
    shards = [name for name in fetched if "logmel" in name and not name.endswith(".csv")]
    assert len(shards) == 1 and len(computed) == 6


@pytest.mark.slow
def test_a_shard_without_its_table_does_not_count(sounds, computed, at_home):
    place = f"{sounds}-log-mels"
    ensured(sounds, place)
    remote = Remote(place)
    remote.remove([next(name for name in remote.stamps() if name.endswith("logmel-00000.csv"))])
    at_home("second")
    ensured(sounds, place)
    assert len(computed) == 8


@pytest.mark.slow
def test_a_storage_that_fails_costs_the_others_time_alone(sounds, computed, at_home, monkeypatch, capsys):
    place = f"{sounds}-log-mels"

    def full(*_):
        raise OSError("full")

    with monkeypatch.context() as patch:
        patch.setattr(type(Remote(place)._system), "put_file", full)
        ensured(sounds, place)
    assert "full. The log-mels are in the mirror" in capsys.readouterr().err
    at_home("second")
    ensured(sounds, place)
    assert len(computed) == 12
