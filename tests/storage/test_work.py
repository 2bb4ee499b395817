"""Folders that are worked on: there as here, in one state at any time, of one process at a time."""

import errno
import os
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from fat_tf.errors import UserError
from fat_tf.storage import lease
from fat_tf.storage.lease import LEASE, Lease
from fat_tf.storage.places import fetch, worked_on
from fat_tf.storage.remote import Remote
from fat_tf.storage.table import TABLE, stamps_below
from fat_tf.storage.urls import mirror_of
from fat_tf.storage.work import TakenOverError, keep

CHANGES = ("push", "copy", "write", "remove")  # of a Remote
OLD, NEW = {"a": "1", "below/b": "1", "c": "1"}, {"a": "2", "below/b": "1", "d": "2"}


def texts(folder: Path) -> dict[str, str]:
    return {file.relative_to(folder).as_posix(): file.read_text() for file in folder.rglob("*") if file.is_file()}


def become(folder: Path, state: dict[str, str]) -> None:
    for name in texts(folder).keys() - state.keys():
        (folder / name).unlink()
    for name, text in state.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if not (folder / name).exists() or (folder / name).read_text() != text:
            (folder / name).write_text(text)


def write(url: str, state: dict[str, str]) -> None:
    with worked_on(url) as folder:
        become(folder, state)


class Killed(BaseException):
    """What a kill is to a process: nothing is done after it."""


def until(done: list, changes: int, really):
    def change(*arguments):
        if len(done) >= changes:
            raise Killed
        done.append(arguments)
        return really(*arguments)

    return change


@contextmanager
def killed_after(monkeypatch, changes: int):
    """Kill the process at the change of the storage after so many."""
    with monkeypatch.context() as patch:
        done = []
        for name in CHANGES:
            patch.setattr(Remote, name, until(done, changes, getattr(Remote, name)))
        patch.setattr("fat_tf.storage.remote.AT_ONCE", 1)
        yield done


def test_another_machine_goes_on(any_url, at_home):
    write(any_url, OLD)
    at_home("elsewhere")
    with worked_on(any_url) as folder:
        assert texts(folder) == OLD
        become(folder, NEW)
    at_home("home")
    assert texts(fetch(any_url)) == NEW
    assert Remote(any_url).stamps().keys() == NEW.keys()
    with worked_on(any_url) as folder:
        assert texts(folder) == NEW


def test_wherever_the_writer_is_killed_there_is_one_state(at_home, monkeypatch):
    for changes in range(100):
        url = f"memory://killed-{changes}/folder"
        at_home(f"first-{changes}")
        write(url, OLD)
        with killed_after(monkeypatch, changes) as done:
            try:
                write(url, NEW)
                whole = True
            except Killed:
                whole = False
        at_home(f"second-{changes}")
        assert texts(fetch(url)) in (OLD, NEW)
        at_home(f"third-{changes}")
        Remote(url).remove([LEASE])
        with worked_on(url) as folder:
            state = texts(folder)
            assert state in (OLD, NEW)
        assert {name: Remote(url)._system.cat_file(f"{Remote(url)._path}/{name}").decode() for name in state} == state
        assert Remote(url).stamps().keys() == state.keys()
        if whole:
            break
    assert 10 < changes < 40 and len(done) == changes


def test_the_first_state_counts_when_it_is_whole(at_home, monkeypatch):
    url = "memory://first/folder"
    with killed_after(monkeypatch, 3), pytest.raises(Killed):
        write(url, OLD)
    at_home("elsewhere")
    with pytest.raises(UserError, match="is unfinished, nothing in it was ever whole"):
        fetch(url)
    Remote(url).remove([LEASE])
    write(url, NEW)
    assert texts(fetch(url)) == NEW


@pytest.mark.parametrize("stop", [KeyboardInterrupt, UserError("no"), SystemExit])
def test_what_was_done_before_a_stop_is_there(url, stop, capsys):
    with pytest.raises((KeyboardInterrupt, UserError, SystemExit)), worked_on(url) as folder:
        become(folder, OLD)
        raise stop
    assert Remote(url).stamps().keys() == OLD.keys()
    assert f"{url} has what was done, and so has the mirror {mirror_of(url)}" in capsys.readouterr().err
    assert Remote(url).read(LEASE) is None


def test_a_machine_that_is_taken_back_leaves_what_it_has(memory_url):
    with pytest.raises(SystemExit, match="143"), worked_on(memory_url) as folder:
        become(folder, OLD)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
    assert Remote(memory_url).stamps().keys() == OLD.keys()
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_states_are_kept_while_the_work_goes_on(url, at_home):
    with worked_on(url) as folder:
        become(folder, OLD)
        keep(folder / "below")
        assert Remote(url).stamps().keys() == OLD.keys()
        keep(folder.parent)
        become(folder, NEW)
    assert Remote(url).stamps().keys() == NEW.keys()
    keep(folder)


def full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_storage_stops_nothing_and_loses_nothing(url, at_home, monkeypatch, capsys):
    write(url, OLD)
    with monkeypatch.context() as patch, pytest.raises(UserError) as raised, worked_on(url) as folder:
        patch.setattr(type(Remote(url)._system), "put_file", full)
        become(folder, NEW)
        keep(folder)
    assert "Warning" in capsys.readouterr().err
    assert "No space left" in raised.value.message and f"in the mirror {mirror_of(url)}" in raised.value.message
    assert texts(fetch(url)) == NEW and "lacks what the mirror" in capsys.readouterr().err
    at_home("elsewhere")
    assert texts(fetch(url)) == OLD
    at_home("home")
    with worked_on(url):
        pass
    at_home("elsewhere")
    assert texts(fetch(url)) == NEW


def test_work_that_went_on_elsewhere_is_not_written_over(url, at_home, monkeypatch, capsys):
    write(url, OLD)
    with monkeypatch.context() as patch, pytest.raises(UserError), worked_on(url) as folder:
        patch.setattr(type(Remote(url)._system), "put_file", full)
        become(folder, {"mine": "1"})
    at_home("elsewhere")
    write(url, NEW)
    at_home("home")
    with worked_on(url) as folder:
        assert texts(folder) == NEW
    aside = folder.with_name("folder.aside-1")
    assert texts(aside) == {"mine": "1"} and f"is in the mirror {aside}" in capsys.readouterr().err


def test_a_mirror_that_is_worked_in_is_read_as_it_is(url):
    write(url, OLD)
    with worked_on(url) as folder:
        become(folder, NEW)
        keep(folder)
        become(folder, NEW | {"e": "newer"})
        (folder / "a").unlink()
        assert fetch(url) == folder and texts(folder) == {"below/b": "1", "d": "2", "e": "newer"}


def writes_meanwhile(monkeypatch, url: str, folder: Path, times: int):
    """Another process changes two files whenever one was copied, so many times."""
    push, left = Remote.push, list(range(times))

    def pushed(remote, place, name):
        push(remote, place, name)
        if left:
            state = f"{2 + left.pop()} longer"
            become(folder, {**texts(folder), "a": state, "c": state})

    monkeypatch.setattr(Remote, "push", pushed)
    monkeypatch.setattr("fat_tf.storage.remote.AT_ONCE", 1)


@pytest.mark.parametrize("times, whole", [(1, True), (99, False)])
def test_a_state_is_of_one_time(url, at_home, monkeypatch, times, whole):
    write(url, OLD)
    with worked_on(url) as folder, monkeypatch.context() as patch:
        writes_meanwhile(patch, url, folder, times)
        become(folder, OLD | {"a": "begun"})
        keep(folder)
        patch.undo()
        there = {name: Remote(url)._system.cat_file(f"{Remote(url)._path}/{name}").decode() for name in OLD}
        assert there["a"] == there["c"] if whole else there == OLD
    at_home("elsewhere")
    assert texts(fetch(url)) == texts(folder)


def test_who_was_suspended_and_lost_the_lease_spoils_no_state(url, at_home, monkeypatch):
    write(url, OLD)
    copy = Remote.copy

    def suspended(remote, name, to):  # in the middle of it another machine takes over, and ends
        monkeypatch.setattr(Remote, "copy", copy)
        copy(remote, name, to)
        Remote(url).remove([LEASE])
        at_home("elsewhere")
        write(url, NEW | {"theirs": "1"})
        at_home("home")

    monkeypatch.setattr(Remote, "copy", suspended)
    with pytest.raises(TakenOverError), worked_on(url) as folder:
        become(folder, OLD | {"a": "mine"})
        keep(folder)
    at_home("a third one")
    assert texts(fetch(url)) == NEW | {"theirs": "1"}


def test_a_lease_that_was_cut_short_lapses_like_others(url, put, monkeypatch):
    put(url, **{LEASE: '{"owner": "x", "ho'})
    with pytest.raises(UserError, match="Process unknown on another machine"), Lease(Remote(url)):
        pass
    monkeypatch.setattr(lease, "LAPSES", 0)
    with Lease(Remote(url)) as mine:
        assert mine.is_mine()


def test_a_table_that_is_written_is_whole_or_the_one_before(url, monkeypatch):
    write(url, OLD)
    before, system = Remote(url).read(TABLE), type(Remote(url)._system)
    if "memory" in system.protocol:
        return  # it has no halves

    def cut(self, path, value, **_):
        with self.open(path, "wb") as file:
            file.write(value[:5])
        raise OSError("No space left on device")

    monkeypatch.setattr(system, "pipe_file", cut)
    with pytest.raises(UserError, match="No space left"):
        Remote(url).write(TABLE, {"files": {}})
    assert Remote(url).read(TABLE) == before


def test_only_one_of_many_creates(url):
    remote = Remote(url)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: remote.create("x.json", {"by": number}), range(40)))
    assert sum(made) == 1 and remote.read("x.json") == {"by": made.index(True)}


def test_a_storage_that_copies_nothing_by_itself(memory_url, at_home, monkeypatch):
    def move(self, path, to):
        self.pipe_file(to, self.cat_file(path))
        self.rm_file(path)

    system = type(Remote(memory_url)._system)
    monkeypatch.delattr(system, "cp_file")  # that of the base says NotImplementedError
    monkeypatch.setattr(system, "mv", move)
    write(memory_url, OLD)
    at_home("elsewhere")
    assert texts(fetch(memory_url)) == OLD


def test_a_mirror_that_was_deleted_is_fetched_anew(url):
    write(url, OLD)
    shutil.rmtree(mirror_of(url))
    with worked_on(url) as folder:
        assert texts(folder) == OLD


def test_a_part_of_what_is_worked_on_belongs_to_the_whole(url, at_home):
    write(url, OLD)
    at_home("elsewhere")
    assert texts(fetch(f"{url}/below")) == {"b": "1"}
    with worked_on(f"{url}/below") as folder:
        assert folder == mirror_of(url) / "below"
        (folder / "e").write_text("1")
    assert "below/e" in Remote(url).read(TABLE)["files"]


def test_two_cannot_work_on_one_folder(url):
    with (
        worked_on(url),
        pytest.raises(UserError, match=rf"Process {os.getpid()} on .* \d s ago"),
        worked_on(url),
    ):
        pass
    with worked_on(url):
        pass


def lapse(url: str, **of_owner: object) -> None:
    Remote(url).create(LEASE, {})
    Remote(url).write(LEASE, {"owner": "x", "host": "h", "machine": "m", "process": 1} | of_owner)


def test_a_lease_is_taken_when_it_lapsed(url, monkeypatch):
    lapse(url)
    with pytest.raises(UserError, match="Process 1 on h"), Lease(Remote(url)):
        pass
    monkeypatch.setattr(lease, "LAPSES", 0)
    with Lease(Remote(url)) as mine:
        assert mine.is_mine()
    assert Remote(url).read(LEASE) is None


def test_a_lease_of_a_process_that_is_no_more_is_taken(url):
    lapse(url, machine=lease._machine(), process=2**22 + 1)
    with Lease(Remote(url)) as mine:
        assert mine.is_mine()


def test_a_lease_is_renewed(url, monkeypatch):
    monkeypatch.setattr(lease, "RENEWED", 0.01)
    with Lease(Remote(url)):
        before = Remote(url).written(LEASE)
        for _ in range(500):
            lease.threading.Event().wait(0.01)
            if Remote(url).written(LEASE) > before:
                return
    pytest.fail("it was not")


def test_who_lost_the_lease_changes_nothing_there(url):
    write(url, OLD)
    with pytest.raises(TakenOverError, match=r"took .* over"), worked_on(url) as folder:
        become(folder, NEW)
        lapse(url)
        keep(folder)
    assert Remote(url).read(LEASE)["host"] == "h"
    assert texts(folder) == NEW and Remote(url).read(TABLE)["files"].keys() == OLD.keys()


def test_a_storage_that_forbids_writing_is_said_before(url, monkeypatch):
    def forbidden(*_, **__):
        raise PermissionError("Access Denied")

    for name in ("pipe_file", "open"):
        monkeypatch.setattr(type(Remote(url)._system), name, forbidden)
    with pytest.raises(UserError, match=r"the storage forbids it \(Access Denied\): use credentials"), worked_on(url):
        pytest.fail("it began")


def test_what_is_taken_away_meanwhile_is_passed_over(tmp_path, monkeypatch):
    become(tmp_path / "run", OLD)
    stat, gone = Path.stat, tmp_path / "run" / "below" / "b"

    def taken_away(file, **arguments):
        if file == gone:
            raise FileNotFoundError(file)
        return stat(file, **arguments)

    monkeypatch.setattr(Path, "stat", taken_away)
    assert stamps_below(tmp_path / "run").keys() == {"a", "c"}
