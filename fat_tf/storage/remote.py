"""A folder on a storage that fsspec reaches: its files by name, and what is wrong with it in one line."""

import json
import os
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from fat_tf.errors import UserError
from fat_tf.files import written_whole
from fat_tf.notices import progress_bar
from fat_tf.program import install_line

AT_ONCE = 16  # files on their way: latency counts more than bandwidth
CREDENTIALS = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    "gs": "set GOOGLE_APPLICATION_CREDENTIALS",
}
TIMES = ("LastModified", "mtime", "updated", "last_modified", "created")  # the field that a file system has

Stamp = tuple[int, int]  # of a file's contents: size in bytes, time of change in ns


class Remote:
    """Files of a folder, by their names below it. Those that begin with a dot are bookkeeping, and in no listing.

    Args:
        url: of the folder, like s3://bucket/folder.

    Raises:
        UserError: each method, where the storage has something against it; as `fat_tf.storage.remote.in_words`.
    """

    def __init__(self, url: str):
        self.url = url.rstrip("/")
        self._system, self._path = _opened(self.url)

    def __truediv__(self, name: str) -> "Remote":
        return Remote(f"{self.url}/{name}")

    @property
    def parent(self) -> "Remote":
        """The folder that it is in; of a bucket something that is none."""
        return Remote(self.url.rpartition("/")[0])

    def is_file(self) -> bool:
        """Whether it is no folder."""
        with in_words(self.url):
            return self._system.isfile(self._path)

    def stamps(self) -> dict[str, Stamp]:
        """All files, with those of the folders below."""
        with in_words(self.url):
            self._system.invalidate_cache()
            found = self._system.find(self._path, detail=True)
        names = {path.removeprefix(self._path).lstrip("/"): about for path, about in found.items()}
        return {name: _stamp(about) for name, about in names.items() if _is_plain(name)}

    def stamp(self, name: str) -> Stamp:
        """Of one file."""
        with in_words(f"{self.url}/{name}"):
            return _stamp(self._system.info(self._at(name)))

    def read(self, name: str) -> dict | None:
        """A small JSON file; None where there is none."""
        try:
            with in_words(self.url):
                return json.loads(self._system.cat_file(self._at(name)))
        except UserError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return None
            raise

    def write(self, name: str, said: dict) -> None:
        """Write a small JSON file, in the place of one that is there: whole, whenever this is stopped."""
        text = json.dumps(said).encode()
        with in_words(f"{self.url}/{name}"):
            if self._system.async_impl:
                self._system.pipe_file(self._at(name), text)
                return
            unfinished = f"{self._at(name)}-{uuid.uuid4().hex[:8]}"
            self._system.pipe_file(unfinished, text)
            self._system.mv(unfinished, self._at(name))

    def create(self, name: str, said: dict) -> bool:
        """Write a small JSON file if there is none, which the storage itself decides; returns whether it did."""
        try:
            with in_words(self.url):
                self._make_folder_of(name)
                self._create(self._at(name), json.dumps(said).encode())
                return True
        except UserError as error:
            if isinstance(error.__cause__, FileExistsError):
                return False
            raise

    def _create(self, place: str, text: bytes) -> None:
        """Raise a FileExistsError where it is there."""
        if self._system.async_impl or "memory" in self._system.protocol:
            self._system.pipe_file(place, text, mode="create")
            return
        with self._system.open(place, "xb") as file:  # `create` of these looks first, and then writes
            file.write(text)

    def written(self, name: str) -> datetime:
        """When a file was written, by the clock of the storage."""
        with in_words(f"{self.url}/{name}"):
            return self._system.modified(self._at(name))

    def now(self) -> datetime:
        """The time by the clock of the storage.

        A small file is written for it: this also says whether the storage allows that.
        """
        name = f".probe-{uuid.uuid4().hex[:8]}"
        self.create(name, {})
        try:
            return self.written(name)
        finally:
            self.remove([name])

    def fetch(self, name: str, place: Path, stamp: Stamp) -> None:
        """Copy a file here, whole, with its time of change."""
        with written_whole(place) as unfinished:
            with in_words(f"{self.url}/{name}"):
                self._system.get_file(self._at(name), str(unfinished))
            if (there := unfinished.stat().st_size) != stamp[0]:
                raise UserError(f"{self.url}/{name} has {there} bytes, not {stamp[0]}: it is being written; try again")
            os.utime(unfinished, ns=(stamp[1], stamp[1]))

    def push(self, place: Path, name: str) -> None:
        """Copy a file there."""
        with in_words(f"{self.url}/{name}"):
            self._make_folder_of(name)
            self._system.put_file(str(place), self._at(name))

    def copy(self, name: str, to: str) -> None:
        """Copy a file within the storage."""
        with in_words(f"{self.url}/{to}"):
            self._make_folder_of(to)
            try:
                self._system.cp_file(self._at(name), self._at(to))
            except NotImplementedError:  # SFTP, SMB
                with tempfile.TemporaryDirectory() as folder:
                    self._system.get_file(self._at(name), f"{folder}/file")
                    self._system.put_file(f"{folder}/file", self._at(to))

    def remove(self, names: Iterable[str]) -> None:
        """Delete files, where they are there."""
        for name in names:
            with in_words(f"{self.url}/{name}"):
                if self._system.exists(self._at(name)):
                    self._system.rm_file(self._at(name))

    def _make_folder_of(self, name: str) -> None:
        """Object stores, which are those that work asynchronously, have no folders, and would make a bucket."""
        if not self._system.async_impl:
            self._system.makedirs(self._at(name).rpartition("/")[0], exist_ok=True)

    def _at(self, name: str) -> str:
        return f"{self._path}/{name}"


def at_once(work: Callable[[str], None], names: Iterable[str], says: str = "") -> None:
    """Do something with many files, some at a time; with a progress bar where there is something to say."""
    names = list(names)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = pool.map(work, names)
        try:
            for _ in progress_bar(done, says, len(names), unit="file", delay=1, leave=False) if says else done:
                pass
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _opened(url: str) -> tuple:
    """(file system, path on it) of a URL."""
    try:
        import fsspec
    except ModuleNotFoundError as error:
        raise UserError(f"{url} needs fsspec: {install_line('storage')}") from error
    with in_words(url):
        system, path = fsspec.core.url_to_fs(url)
        return system, path.rstrip("/")


@contextmanager
def in_words(url: str) -> Iterator[None]:
    """What a storage has against something, as a UserError with the remedy."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # each storage has classes of its own, and few of them are OSErrors
        raise UserError(f"{url}: {_reason(url.partition(':')[0], error)}") from error


def _reason(scheme: str, error: Exception) -> str:
    said = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, ImportError):
        remedy = f": {install_line('storage')}" if scheme == "s3" else ""
        return f"a package for {scheme}:// is not installed ({said}){remedy}"
    if "Credential" in type(error).__name__:
        return f"no credentials ({said}): {CREDENTIALS.get(scheme, 'see the manual of the storage')}"
    if isinstance(error, FileNotFoundError):
        return f"it is not there ({said}): make the bucket or folder, or mend the URL"
    if isinstance(error, PermissionError):
        return f"the storage forbids it ({said}): use credentials that may, or another place"
    return said


def _is_plain(name: str) -> bool:
    """Whether a name is that of a file which has its place below a folder: no bookkeeping, and no way out of it."""
    return not name.endswith("/") and all(part and part[0] != "." for part in name.split("/"))


def _stamp(about: dict) -> Stamp:
    changed = next((about[field] for field in TIMES if about.get(field) is not None), 0)
    if isinstance(changed, str):
        changed = datetime.fromisoformat(changed)
    seconds = changed.timestamp() if isinstance(changed, datetime) else changed
    return int(about["size"]), round(seconds * 1e6) * 1000
