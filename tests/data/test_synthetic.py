"""The built-in data set: determinism, layout, exact shares, truthful audit, whole or not at all."""

import hashlib
import os
import shutil
import struct
from pathlib import Path

import gin
import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from fat_tf.data import synthetic
from fat_tf.data.synthetic import build, make_synthetic
from fat_tf.data.synthetic.events import EVENTS, OUT_OF_VOCABULARY
from fat_tf.data.synthetic.plan import SPLITS, VOCABULARY, clip_rng, plan_split
from fat_tf.data.synthetic.recording import CURATED, LONGEST, SHORTEST, record
from fat_tf.data.synthetic.waves import SAMPLE_RATE
from fat_tf.errors import UserError

SIZES = {"curated": 24, "noisy": 40, "test": 16}
ALL_EVENTS = EVENTS | OUT_OF_VOCABULARY


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    return make_synthetic(tmp_path_factory.mktemp("synthetic") / "set", **SIZES)


@pytest.fixture(scope="module")
def audit(small) -> pd.DataFrame:
    return pd.read_csv(small / "audit.csv", keep_default_na=False)


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def wav_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.wav"))


def labels(cell: str) -> set[str]:
    return set(cell.split(",")) if cell else set()


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(small, tmp_path):
    assert digests(make_synthetic(tmp_path / "again", **SIZES)) == digests(small)
    other = digests(make_synthetic(tmp_path / "other", **SIZES, seed=1))
    changed = [name for name, digest in digests(small).items() if other.get(name) != digest]
    assert len([name for name in changed if name.endswith(".wav")]) == sum(SIZES.values())


def test_a_clip_does_not_depend_on_those_made_before_it(small):
    clip = plan_split("test", SIZES["test"], seed=2019)[11]
    alone = record(clip_rng(2019, "test", 12), [EVENTS[name] for name in clip.heard], CURATED)
    written, rate = sf.read(small / "test" / clip.fname, dtype="int16")
    assert rate == SAMPLE_RATE
    np.testing.assert_array_equal(alone, written)


def test_random_streams_of_plans_and_clips_never_coincide():
    first = [clip_rng(2019, split, index).integers(2**63) for split in SPLITS for index in range(50)]
    assert len(set(first)) == len(first)


def test_layout_is_that_of_fsdkaggle2019(small):
    assert {path.name for path in small.iterdir()} == {
        *SPLITS, "train_curated.csv", "train_noisy.csv", "test.csv", "sample_submission.csv",
        "vocabulary.csv", "audit.csv", "synthetic.json",
    }  # fmt: skip
    for split, count in zip(SPLITS, SIZES.values(), strict=True):
        table = pd.read_csv(small / f"{split}.csv")
        assert list(table.columns) == ["fname", "labels"] and len(table) == count
        assert sorted(table["fname"]) == sorted(path.name for path in (small / split).iterdir())
        assert set().union(*table["labels"].map(labels)) <= set(VOCABULARY)


def test_vocabulary_and_submission_agree(small):
    vocabulary = pd.read_csv(small / "vocabulary.csv")
    submission = pd.read_csv(small / "sample_submission.csv")
    assert list(vocabulary["index"]) == list(range(len(VOCABULARY))) and len(VOCABULARY) >= 12
    assert list(submission.columns) == ["fname", *vocabulary["label"]]
    assert list(vocabulary["label"]) == sorted(VOCABULARY)
    assert list(submission["fname"]) == list(pd.read_csv(small / "test.csv")["fname"])
    assert (submission.drop(columns="fname") == 0).all(axis=None)


def test_every_wav_has_a_canonical_header(small):
    for path in wav_files(small):
        data = path.read_bytes()
        riff, size, wave, fmt, length, *form, tag, payload = struct.unpack("<4sI4s4sIHHIIHH4sI", data[:44])
        assert (riff, wave, fmt, length, tag) == (b"RIFF", b"WAVE", b"fmt ", 16, b"data")
        assert form == [1, 1, 44100, 88200, 2, 16]  # PCM, mono, rate, bytes a second, block align, bits
        assert size == len(data) - 8 and payload == len(data) - 44


def test_lengths_are_within_bounds_and_as_audited(small, audit):
    found = {p.name: (p.stat().st_size - 44) / 2 / SAMPLE_RATE for p in wav_files(small)}
    assert min(found.values()) >= SHORTEST and max(found.values()) <= LONGEST
    np.testing.assert_allclose(audit["seconds"], audit["fname"].map(found), atol=0.0006)


def test_sound_is_heard_and_never_clipped(small):
    for path in wav_files(small):
        wave = np.frombuffer(path.read_bytes()[44:], "<i2")
        assert 32767 * 0.09 < np.abs(wave.astype(int)).max() < 32767


def test_names_are_eight_hex_digits_in_an_order_that_tells_nothing(audit):
    assert audit["fname"].str.fullmatch(r"[0-9a-f]{8}\.wav").all() and audit["fname"].is_unique
    assert list(audit["true"]) != sorted(audit["true"])


def test_audit_gives_the_labels_of_the_tables(small, audit):
    for split in SPLITS:
        table = pd.read_csv(small / f"{split}.csv").set_index("fname")["labels"]
        rows = audit[audit["split"] == split].set_index("fname")
        assert table.to_dict() == rows["given"].to_dict()
    assert (audit["mixture"] == audit["true"].map(lambda cell: len(labels(cell)) == 2)).all()


def test_audit_kinds_say_what_is_wrong(audit):
    difference = {"clean": (0, 0), "flip": (1, 1), "missing": (1, 0), "extra": (0, 1), "oov": (0, 1)}
    for given, true, kind in audit[["given", "true", "kind"]].itertuples(index=False):
        lost, added = labels(true) - labels(given), labels(given) - labels(true)
        assert (len(lost), len(added)) == difference[kind]
        assert (kind == "oov") == (not true)


def test_sources_are_the_true_sounds_or_out_of_vocabulary(audit):
    for true, sources, kind in audit[["true", "sources", "kind"]].itertuples(index=False):
        heard = set(sources.split(";"))
        assert heard == labels(true) if kind != "oov" else heard <= set(OUT_OF_VOCABULARY)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 24, 100, 600])
@pytest.mark.parametrize("split", SPLITS)
def test_shares_are_exact(split, count):
    clips = plan_split(split, count, seed=2019)
    kinds = pd.Series([clip.kind for clip in clips])
    assert sum(clip.mixture for clip in clips) == round(0.25 * count)
    assert (kinds != "clean").sum() == (round(0.35 * count) if split == "train_noisy" else 0)
    if split == "train_noisy" and count >= 24:
        assert set(kinds) == {"clean", "flip", "missing", "extra", "oov"}


def test_classes_are_balanced():
    clips = plan_split("train_curated", 480, seed=2019)
    singles = pd.Series([clip.true[0] for clip in clips if not clip.mixture]).value_counts()
    every = pd.Series([name for clip in clips for name in clip.true]).value_counts()
    assert set(singles.index) == set(VOCABULARY) == set(every.index)
    assert every.min() >= 30 and every.max() < 50


@pytest.mark.parametrize("seconds", [0.28, 1.0, 8.0])
@pytest.mark.parametrize("name", ALL_EVENTS)
def test_every_event_sounds_at_every_length(name, seconds):
    length = round(seconds * SAMPLE_RATE)
    for seed in range(3):
        wave = ALL_EVENTS[name](np.random.default_rng(seed), length)
        assert wave.shape == (length,) and np.isfinite(wave).all()
        assert np.sqrt(np.mean(wave**2)) > 1e-3


@pytest.mark.parametrize(("up", "down"), [("Whistle_rising", "Whistle_falling"),
                                          ("Engine_accelerating", "Engine_slowing")])  # fmt: skip
def test_glides_go_the_way_their_names_say(up, down):
    def centroid(wave):
        power = np.abs(np.fft.rfft(wave)) ** 2
        return np.average(np.fft.rfftfreq(len(wave)), weights=power)

    for name, sign in ((up, 1), (down, -1)):
        first, last = np.split(EVENTS[name](np.random.default_rng(3), SAMPLE_RATE), [SAMPLE_RATE // 2])
        assert sign * (centroid(last) - centroid(first)) > 0


def test_clicks_are_regular_in_one_class_and_not_in_the_other():
    def spread(name):
        wave = np.abs(EVENTS[name](np.random.default_rng(5), 4 * SAMPLE_RATE))
        level = wave[: len(wave) // 441 * 441].reshape(-1, 441).max(axis=1)
        loud = level > 0.3
        gaps = np.diff(np.flatnonzero(loud[1:] & ~loud[:-1]))
        return gaps.std() / gaps.mean()

    assert spread("Tick-tock") < 0.1 < 0.4 < spread("Crackle")


def test_a_set_that_is_there_is_not_made_again(small, monkeypatch):
    monkeypatch.setattr(build, "_make", lambda *args: pytest.fail("made again"))
    assert make_synthetic(str(small), **SIZES) == small


@pytest.mark.parametrize("error, told", [(KeyboardInterrupt, KeyboardInterrupt), (OSError, UserError)])
def test_an_interruption_leaves_nothing(tmp_path, monkeypatch, error, told):
    written = []

    def write_five(*args):
        written.append(args)
        if len(written) > 5:
            raise error
        return 1.0

    monkeypatch.setattr(build, "_write_clip", write_five)
    with pytest.raises(told):
        make_synthetic(tmp_path / "set", **SIZES)
    assert len(written) == 6 and list(tmp_path.iterdir()) == []


def test_another_process_that_finishes_first_wins(small, tmp_path, monkeypatch):
    def overtaken(source, target):
        shutil.copytree(small, target)
        raise OSError("directory not empty")

    monkeypatch.setattr(os, "replace", overtaken)
    folder = make_synthetic(tmp_path / "set", **SIZES)
    assert [path.name for path in tmp_path.iterdir()] == ["set"] and digests(folder) == digests(small)


def test_an_empty_folder_is_filled(tmp_path):
    make_synthetic(tmp_path, curated=1, noisy=1, test=1)
    assert len(wav_files(tmp_path)) == 3


def test_a_folder_with_something_else_is_refused_and_kept(small, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="something else"):
        make_synthetic(tmp_path, **SIZES)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    with pytest.raises(UserError, match="something else"):
        make_synthetic(small, **{**SIZES, "test": 17})


@pytest.mark.parametrize("wrong", [{"curated": 0}, {"test": -1}, {"seed": -1}])
def test_sizes_and_seed_that_make_no_set_are_refused(tmp_path, wrong):
    with pytest.raises(UserError):
        make_synthetic(tmp_path / "set", **{**SIZES, **wrong})


def test_gin_binds_the_sizes(tmp_path):
    gin.clear_config()
    gin.parse_config("make_synthetic.curated = 3\nmake_synthetic.noisy = 2\nmake_synthetic.test = 1")
    try:
        folder = gin.get_configurable(synthetic.make_synthetic)(tmp_path / "set")
    finally:
        gin.clear_config()
    assert len(wav_files(folder)) == 6
