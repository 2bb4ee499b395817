"""What lies on a storage, here: whole, once, and no more than what lies there."""

from types import SimpleNamespace

import pytest

from fat_tf.errors import UserError
from fat_tf.storage import mirror, remote
from fat_tf.storage.places import fetch, fetch_sounds, written_to
from fat_tf.storage.remote import Remote


def texts(folder) -> dict[str, str]:
    return {file.relative_to(folder).as_posix(): file.read_text() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def fetched(monkeypatch) -> list[str]:
    """Names of the files that are fetched from now on."""
    names, really = [], Remote.fetch
    monkeypatch.setattr(Remote, "fetch", lambda self, name, *rest: names.append(name) or really(self, name, *rest))
    return names


def test_only_what_is_new_or_changed_is_fetched(any_url, put, fetched):
    url = any_url
    put(url, a="1", below__b="2", c="3")
    folder = fetch(url)
    assert texts(folder) == {"a": "1", "below/b": "2", "c": "3"} and len(fetched) == 3
    put(url, c="33", d="4")
    fetched.clear()
    assert texts(fetch(url)) == {"a": "1", "below/b": "2", "c": "33", "d": "4"} and sorted(fetched) == ["c", "d"]


def test_what_is_gone_there_goes_here(url, put):
    put(url, a="1", b="2")
    fetch(url)
    Remote(url).remove(["b"])
    assert texts(fetch(url)) == {"a": "1"}


def test_a_fetch_that_was_cut_short_goes_on(url, put, monkeypatch, fetched):
    put(url, **{f"f{number}": "1" for number in range(6)})
    monkeypatch.setattr(remote, "AT_ONCE", 1)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        really, calls = Remote.fetch, []

        def cut(self, *arguments):
            calls.append(arguments)
            if len(calls) == 3:
                raise KeyboardInterrupt
            really(self, *arguments)

        patch.setattr(Remote, "fetch", cut)
        fetch(url)
    fetched.clear()
    assert len(texts(fetch(url))) == 6 and 2 <= len(fetched) <= 4  # one is on its way when it is cut


def test_a_clip_has_one_key_on_all_machines(url, put, at_home):
    from fat_tf.data.features import file_key

    put(url, a="1")
    keys = []
    for machine in ("first", "second"):
        at_home(machine)
        keys.append(file_key(str(fetch(url) / "a")))
    assert keys[0] == keys[1]


def test_hidden_names_and_ways_out_are_left_where_they_are(put, monkeypatch):
    url = "memory://names/folder"
    put(url, a="1", **{".hidden": "2", ".git__b": "3"})
    listing = {f"/names/folder/{name}": {"size": 1, "created": 1.0} for name in ("../../a", "b/../../c", "d/", "e")}
    assert texts(fetch(url)) == {"a": "1"}
    monkeypatch.setattr(type(Remote(url)._system), "find", lambda *_, **__: listing)
    assert Remote(url).stamps().keys() == {"e"}


def test_a_file_alone_and_a_table_with_its_sounds(url, put):
    put(url, sounds="2", **{"list.csv": "fname"})
    assert texts(fetch(f"{url}/list.csv").parent) == {"list.csv": "fname"}
    assert fetch_sounds(f"{url}/list.csv").with_name("sounds").read_text() == "2"
    assert fetch_sounds(url).is_dir()


def test_nothing_there(url):
    with pytest.raises(UserError, match="is not there, or holds no files"):
        fetch(url)


def test_a_file_that_grows_while_it_is_fetched_is_not_taken(put, monkeypatch):
    url = "memory://growing/folder"
    put(url, a="12")
    monkeypatch.setattr(Remote, "stamps", lambda self: {"a": (1, 0)})
    with pytest.raises(UserError, match="has 2 bytes, not 1: it is being written"):
        fetch(url)


def test_a_disk_that_is_too_small_is_said_before(put, monkeypatch):
    put("memory://large/folder", a="12")
    monkeypatch.setattr(mirror.shutil, "disk_usage", lambda _: SimpleNamespace(free=1))
    with pytest.raises(UserError, match=r"2 B that are not here yet.* 1 B free: .*FAT_TF_CACHE"):
        fetch("memory://large/folder")


def test_a_file_that_is_written_gets_there_with_those_beside_it(url, put):
    put(url, other="1")
    with pytest.raises(KeyboardInterrupt), written_to(f"{url}/scores.csv") as file:
        file.parent.mkdir(parents=True)
        for name in ("scores.csv", "scores.csv.errors.csv", "scores.csv.12ab.partial"):
            file.with_name(name).write_text("new")
        raise KeyboardInterrupt
    assert texts(fetch(url)) == {"other": "1", "scores.csv": "new", "scores.csv.errors.csv": "new"}
