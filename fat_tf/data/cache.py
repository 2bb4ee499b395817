"""Log-mel pictures on disk: computed once, kept under the settings that made them."""

import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import gin
import numpy as np
import pandas as pd
import tensorflow as tf
from filelock import FileLock, Timeout

from fat_tf.audio import FrontEnd
from fat_tf.data.csv_text import csv_text
from fat_tf.data.features import INDEX_COLUMNS, ClipFeatures, compute_features, file_key
from fat_tf.data.parallel import THREADS
from fat_tf.data.shared_shards import SharedShards
from fat_tf.errors import UserError
from fat_tf.files import write_text, written_whole
from fat_tf.names import spelled
from fat_tf.parts import sources
from fat_tf.storage.urls import is_url, named

VERSION = 1  # of the pictures and of their storage: raised with every change that alters them
SHARD_BYTES = 1 << 28  # of pictures, from which on a shard is closed
COMPRESSION = "GZIP"
SHARDS_AT_ONCE = 4
Add = Callable[[list[str]], dict[str, str]]  # paths of files whose pictures are added -> error of each bad one
RECORD = {"key": tf.io.FixedLenFeature([], tf.string), "picture": tf.io.FixedLenFeature([], tf.string)}


@gin.configurable
class FeatureCache:
    """A folder of log-mel pictures, float16, in sharded, compressed, checksummed TFRecords.

    Below `folder` there is one folder for each front end's settings; in it one for each pass that added clips,
    with shards `logmel-00000` and so on, and beside each a CSV of what it holds. A shard gets its name when it is
    whole, so a pass that was stopped loses one shard's work. Clips are known by their file's place, size and
    time of change: changed and new files alone are computed. Processes may share the folder, and so may machines the
    URL that it mirrors (`fat_tf.data.shared_shards`).

    Args:
        folder: made if missing.
        front_end: draws the pictures.
        shard_clips: clips in a shard.
    """

    def __init__(self, folder: str | Path, front_end: FrontEnd, shard_clips: int = 256):
        if shard_clips < 1:
            raise UserError(f"FeatureCache.shard_clips must be 1 or more, not {shard_clips}")
        self.front_end = front_end
        self.shard_clips = shard_clips
        self.folder = Path(os.path.expanduser(folder)) / settings_key(front_end)
        self._shared = SharedShards(url, self.folder) if is_url(url := named(self.folder)) else None

    def ensure(self, paths: list[str], add: Add | None = None) -> tuple[pd.DataFrame, dict[str, str]]:
        """Compute what is missing.

        Args:
            paths: of the clips.
            add: computes it elsewhere, by `add` of other objects like this one; None: in this process.

        Returns:
            (index, bad): a row for each good clip with its key, path, samples, frames, sums and shard; and the
            error of each file that cannot be read.
        """
        keys = {file_key(path): path for path in paths}
        bad = {}
        if self._shared:
            self._shared.fetch(keys.keys() - set(self.index()["key"]))
        if keys.keys() - set(self.index()["key"]):
            self._make_folder()
            with self._lock():
                missing = [keys[key] for key in keys.keys() - set(self.index()["key"])]
                bad = (add or self.add)(sorted(missing)) if missing else {}
        index = self.index().set_index("key", drop=False)
        known = index.loc[[key for key in keys if key in index.index]]
        return known.assign(path=[keys[key] for key in known["key"]]).reset_index(drop=True), bad

    def index(self) -> pd.DataFrame:
        """All clips that are stored here, each once. A shard whose size is not what it was does not count."""
        shards = [file for file in sorted(self.folder.glob("pass-*/logmel-*")) if file.suffix != ".csv"]
        tables = [table for table in map(_read_table, shards) if table is not None]
        if not tables:
            return pd.DataFrame(columns=[*INDEX_COLUMNS, "shard_bytes", "shard"])
        return pd.concat(tables, ignore_index=True).drop_duplicates("key")

    def _make_folder(self) -> None:
        try:
            write_text(self.folder / "settings.json", _settings(self.front_end))
        except UserError as error:
            raise UserError(f"{error.message}. Choose another place with --cache_dir") from error

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Hold the folder's lock while clips are added; says so where it must wait for it."""
        lock = FileLock(self.folder / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            print(f"Waiting for another process that computes log-mels in {self.folder}", flush=True)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def add(self, paths: list[str]) -> dict[str, str]:
        """Compute the pictures of these files into a new pass, without a lock; returns the error of each bad file."""
        folder = self.folder / f"pass-{uuid.uuid4().hex[:8]}"
        bad: dict[str, str] = {}
        clips = _good(compute_features(paths, self.front_end), bad)
        for number, part in enumerate(_shards(clips, self.shard_clips)):
            _write_shard(shard := folder / f"logmel-{number:05d}", part)
            if self._shared:
                self._shared.push(shard)
        return bad


def _good(clips: Iterator[ClipFeatures], bad: dict[str, str]) -> Iterator[ClipFeatures]:
    """The clips without an error; the others are noted in `bad`."""
    for clip in clips:
        if clip.error:
            bad[clip.path] = clip.error
        else:
            yield clip


def _shards(clips: Iterator[ClipFeatures], most: int) -> Iterator[list[ClipFeatures]]:
    """Clips of a shard each: `most` at most, and fewer of long ones, which are all in memory."""
    part, held = [], 0
    for clip in clips:
        part.append(clip)
        held += clip.picture.nbytes
        if len(part) == most or held > SHARD_BYTES:
            yield part
            part, held = [], 0
    if part:
        yield part


def _settings(front_end: FrontEnd) -> str:
    made_by = {**json.loads(front_end.key), **({"source": source} if (source := _own_source(front_end)) else {})}
    return json.dumps({"version": VERSION, **made_by}, indent=1, sort_keys=True)


def _own_source(front_end: FrontEnd) -> str:
    """Hash of the modules that classes of a person's own come from; empty for those of this package."""
    classes = [*type(front_end).__mro__, *type(front_end.spectrogram).__mro__]
    files = sources(sorted({one.__module__ for one in classes}))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files.values())).hexdigest() if files else ""


def settings_key(front_end: FrontEnd) -> str:
    """Name of the folder for these settings."""
    return hashlib.sha256(_settings(front_end).encode()).hexdigest()[:16]


def _write_shard(shard: Path, clips: list[ClipFeatures]) -> None:
    """Write a shard and its table; the shard's own name comes last and means: whole."""
    table = pd.DataFrame([clip.index_row() for clip in clips])
    with written_whole(shard) as unfinished:
        options = tf.io.TFRecordOptions(COMPRESSION, compression_level=1)
        with tf.io.TFRecordWriter(os.fsencode(unfinished), options) as writer:
            for key, clip in zip(table["key"], clips, strict=True):
                writer.write(_record(key, clip.picture))
        table["shard_bytes"] = unfinished.stat().st_size
        write_text(Path(f"{shard}.csv"), csv_text(table.assign(path=table["path"].map(spelled))))


def _read_table(shard: Path) -> pd.DataFrame | None:
    """What a shard holds; None if the shard or its table is not what was written."""
    try:
        table = pd.read_csv(f"{shard}.csv")
        whole = (table["shard_bytes"] == shard.stat().st_size).all()
    except (OSError, KeyError, UnicodeDecodeError, pd.errors.EmptyDataError, pd.errors.ParserError):
        return None
    return table.assign(shard=str(shard)) if whole else None


@contextmanager
def checksums_hold() -> Iterator[None]:
    """Name the shard whose checksum does not hold while it is read, and the remedy."""
    try:
        yield
    except tf.errors.DataLossError as error:
        raise UserError(
            f"The feature cache is damaged: {error.message}. Delete that file, or the folder it is in, and run again: "
            "its clips alone are computed anew"
        ) from error


def _record(key: str, picture: np.ndarray) -> bytes:
    record = tf.train.Example()
    record.features.feature["key"].bytes_list.value.append(key.encode())
    record.features.feature["picture"].bytes_list.value.append(picture.tobytes())  # a day of sound is 0.7 GB
    return record.SerializeToString()


def read_shards(shards: tf.Tensor, values: int) -> tf.data.Dataset:
    """(key, picture (frames, values) float16) of every clip in these shards, some shards at a time, in turns."""

    def parse(record):
        fields = tf.io.parse_single_example(record, RECORD)
        picture = tf.io.decode_raw(fields["picture"], tf.float16)
        return fields["key"], tf.reshape(picture, [-1, values])

    records = tf.data.Dataset.from_tensor_slices(shards).interleave(
        lambda shard: tf.data.TFRecordDataset(shard, COMPRESSION),
        cycle_length=SHARDS_AT_ONCE,  # not as many as there are threads: the order is to be the same everywhere
        num_parallel_calls=min(SHARDS_AT_ONCE, THREADS),
        deterministic=True,
    )
    return records.map(parse, THREADS)
