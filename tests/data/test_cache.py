"""FeatureCache: whole or not at all, each clip once, damage found, work shared."""

import json
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from fat_tf import config, files
from fat_tf.audio import FrontEnd, LogMel
from fat_tf.data import cache, features, read_dataset
from fat_tf.data.cache import FeatureCache, settings_key
from fat_tf.data.features import _drawn_in_batches, _drawn_one_by_one, compute_features, scan
from fat_tf.data.sources import MemoryPictures, StreamedPictures, Waveforms, cached_pictures
from fat_tf.errors import UserError


@pytest.fixture
def paths(synthetic, tmp_path):
    """Twelve files of one's own."""
    folder = tmp_path / "sounds"
    folder.mkdir()
    return [shutil.copy2(path, folder) for path in read_dataset(synthetic).clips["path"][:12]]


@pytest.fixture
def front_end():
    return FrontEnd(LogMel(n_mels=16))


def picture_alone(path: str, front_end: FrontEnd) -> np.ndarray:
    samples, _ = front_end.load(path)
    return front_end(samples[None])[0, ..., 0].numpy().T


def pictures(index, front_end, source=MemoryPictures) -> dict[str, np.ndarray]:
    examples = source(index, front_end).examples(np.arange(len(index))).as_numpy_iterator()
    return {index["path"].iloc[row]: picture for row, picture in examples}


@pytest.mark.parametrize("source", [MemoryPictures, StreamedPictures])
def test_a_clip_of_a_padded_batch_is_what_it_is_alone(paths, front_end, tmp_path, source):
    index, bad = FeatureCache(tmp_path / "cache", front_end, shard_clips=5).ensure(paths)
    assert not bad and list(index["path"]) == paths
    for path, picture in pictures(index, front_end, source).items():
        np.testing.assert_allclose(picture, picture_alone(path, front_end).astype(np.float16), atol=0.07)


def test_batches_for_a_gpu_give_what_the_clips_give_one_by_one(paths, front_end, tmp_path):
    (tmp_path / "text.wav").write_text("no sound")
    paths = [*map(str, paths[:5]), str(tmp_path / "text.wav")]
    ways = (_drawn_in_batches, _drawn_one_by_one)
    batched, alone = ({row[-1]: row for row in draw(paths, front_end)} for draw in ways)
    assert list(batched) == list(alone) == [path.encode() for path in paths]
    for path, (samples, picture, error, _) in batched.items():
        assert (samples, error) == (alone[path][0], alone[path][2])
        np.testing.assert_allclose(picture[: len(alone[path][1])], alone[path][1], atol=0.07)
    assert b"not a readable sound file" in alone[paths[-1].encode()][2]


@pytest.mark.parametrize("source", [MemoryPictures, StreamedPictures])
def test_several_windows_come_back_as_channels(paths, tmp_path, source):
    front_end = FrontEnd(LogMel(n_mels=16, n_fft=(960, 1920)))
    index, _ = FeatureCache(tmp_path / "cache", front_end).ensure(paths[:3])
    clips = source(index, front_end)
    for row, clip in clips.examples(np.arange(3)):
        samples, _ = front_end.load(index["path"].iloc[int(row)])
        picture = front_end(samples[None])[0, :, : clips.window]
        np.testing.assert_allclose(clips.to_input(clip[None, : clips.window])[0], picture, atol=0.07)


def test_layout_and_index(paths, front_end, tmp_path):
    store = FeatureCache(tmp_path / "cache", front_end, shard_clips=5)
    index, _ = store.ensure(paths)
    names = sorted(path.name for path in store.folder.glob("pass-*/*") if path.suffix != ".csv")
    assert names == [f"logmel-{i:05d}" for i in range(3)]
    assert json.loads((store.folder / "settings.json").read_text())["spectrogram"]["config"]["n_mels"] == 16
    for row in index.itertuples():
        picture = picture_alone(row.path, front_end)
        assert row.frames == len(picture)
        np.testing.assert_allclose(row.total / picture.size, picture.mean(), atol=0.05)  # stored in float16


def test_known_clips_are_not_computed_again(paths, front_end, tmp_path, monkeypatch):
    FeatureCache(tmp_path / "cache", front_end).ensure(paths[:8])
    computed = []
    monkeypatch.setattr(cache, "compute_features", lambda new, fe: computed.extend(new) or compute_features(new, fe))
    FeatureCache(tmp_path / "cache", front_end).ensure(paths)
    assert sorted(computed) == sorted(paths[8:])
    os.utime(paths[0], (1, 1))
    index, _ = FeatureCache(tmp_path / "cache", front_end).ensure(paths)
    assert computed[4:] == [paths[0]] and len(index) == 12
    FeatureCache(tmp_path / "cache", FrontEnd(LogMel(n_mels=8))).ensure(paths[:2])
    assert sorted(computed[5:]) == sorted(paths[:2])


def test_a_stopped_pass_keeps_its_whole_shards(paths, front_end, tmp_path, monkeypatch):
    def stopped(new, fe):
        for number, clip in enumerate(compute_features(new, fe)):
            if number == 7:
                raise KeyboardInterrupt
            yield clip

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(cache, "compute_features", stopped)
        FeatureCache(tmp_path / "cache", front_end, shard_clips=3).ensure(paths)
    store = FeatureCache(tmp_path / "cache", front_end, shard_clips=3)
    assert len(store.index()) == 6
    assert len(store.ensure(paths)[0]) == 12


def test_a_half_written_shard_is_not_taken(paths, front_end, tmp_path, monkeypatch):
    def no_rename(*_):
        raise OSError("disk full")

    with monkeypatch.context() as patch, pytest.raises(UserError, match="disk full"):
        patch.setattr(files.os, "replace", no_rename)
        FeatureCache(tmp_path / "cache", front_end).ensure(paths)
    assert FeatureCache(tmp_path / "cache", front_end).index().empty


def test_a_damaged_shard_is_named(paths, front_end, tmp_path):
    index, _ = FeatureCache(tmp_path / "cache", front_end).ensure(paths)
    shard = index["shard"].iloc[0]
    contents = bytearray(Path(shard).read_bytes())
    contents[len(contents) // 2] ^= 0xFF
    Path(shard).write_bytes(contents)
    with pytest.raises(UserError, match=r"damaged: .*Delete that file"):
        pictures(index, front_end)


def test_bad_files_are_reported_and_the_others_kept(paths, front_end, tmp_path):
    Path(paths[3]).write_bytes(b"not a sound")
    index, bad = FeatureCache(tmp_path / "cache", front_end).ensure(paths)
    assert list(bad) == [paths[3]] and "not a readable sound file" in bad[paths[3]]
    assert len(index) == 11
    scanned, bad_too = scan(paths, front_end)
    assert bad_too == bad
    assert set(scanned["key"]) == set(index["key"])


def test_long_clips_are_stored_as_whole_ones_in_shards_of_few(paths, front_end, tmp_path, monkeypatch):
    whole, _ = FeatureCache(tmp_path / "whole", front_end).ensure(paths)
    monkeypatch.setattr(features, "LONG_SECONDS", 0.5)
    monkeypatch.setattr(cache, "SHARD_BYTES", 1)
    Path(paths[3]).write_bytes(b"not a sound")
    by_blocks, bad = FeatureCache(tmp_path / "by_blocks", front_end).ensure(paths)
    assert list(bad) == [paths[3]] and by_blocks["shard"].nunique() == len(by_blocks) == 11
    pictures = {}
    for index in (whole[whole["path"] != paths[3]], by_blocks):
        source = MemoryPictures(index, front_end)
        for row, picture in source.examples(np.arange(len(index))):
            pictures.setdefault(index["path"].iloc[int(row)], []).append(picture)
    for one, other in pictures.values():
        np.testing.assert_allclose(one, other, atol=0.07)  # float16


def test_two_at_once_share_the_work(paths, front_end, tmp_path):
    """The lock is the operating system's, on an open file: threads exclude each other as processes do."""
    with ThreadPoolExecutor() as pool:
        fills = [pool.submit(FeatureCache(tmp_path / "cache", front_end).ensure, paths) for _ in range(2)]
        assert all(len(fill.result()[0]) == 12 for fill in fills)
    store = FeatureCache(tmp_path / "cache", front_end)
    tables = [shard for shard in store.folder.glob("pass-*/*.csv")]
    assert len(tables) == 1 and len(store.index()) == 12


def test_what_fits_is_held_in_memory_and_the_rest_streamed(paths, front_end, tmp_path):
    index, _ = FeatureCache(tmp_path / "cache", front_end).ensure(paths)
    assert isinstance(cached_pictures(index, front_end), MemoryPictures)
    assert isinstance(cached_pictures(index, front_end, memory_gb=1e-6), StreamedPictures)


@pytest.mark.parametrize("source", [MemoryPictures, StreamedPictures, Waveforms])
def test_every_source_gives_each_wanted_clip_once(paths, front_end, tmp_path, source):
    index, _ = FeatureCache(tmp_path / "cache", front_end, shard_clips=5).ensure(paths)
    clips, wanted = source(index, front_end), np.array([0, 3, 4, 9, 11])
    seed = tf.constant([1, 2])
    order = [int(row) for row, _ in clips.examples(wanted, seed)]
    assert sorted(order) == list(wanted)
    assert order == [int(row) for row, _ in clips.examples(wanted, seed)]
    orders = {tuple(int(row) for row, _ in clips.examples(wanted, tf.constant([1, s]))) for s in range(5)}
    assert len(orders) > 1
    for row, clip in clips.examples(wanted):
        assert len(clip) == clips.lengths[int(row)] >= clips.window


OWN = """
from fat_tf.audio import LogMel


class Louder(LogMel):
    def call(self, waveform, lengths=None):
        return 6 + super().call(waveform, lengths)
"""


def test_pictures_of_an_own_front_end_are_kept_apart_and_drawn_anew_after_its_source_changed(tmp_path):
    file = tmp_path / "cache_part.py"
    file.write_text(OWN)
    config.import_module("cache_part", [tmp_path], "a test")
    keys = [settings_key(FrontEnd(layer)) for layer in (LogMel(), sys.modules["cache_part"].Louder())]
    file.write_text(OWN.replace("6", "7"))
    keys.append(settings_key(FrontEnd(sys.modules["cache_part"].Louder())))
    assert len(set(keys)) == 3


def test_numbers_that_are_equal_share_a_cache():
    assert settings_key(FrontEnd(LogMel(fmin=20), trim_db=60)) == settings_key(FrontEnd(LogMel(fmin=20.0)))
