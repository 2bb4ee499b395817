"""URLs and their mirrors: one to one, and none within another."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fat_tf.home import cache_place
from fat_tf.storage.urls import is_url, local, mirror_of, named, with_urls

NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20)
NAMES = NAMES.filter(lambda name: name not in (".", ".."))


@settings(max_examples=30)
@given(st.sampled_from(["s3", "gs", "memory", "abfs"]), st.lists(NAMES, min_size=1, max_size=4), NAMES)
def test_a_mirror_names_its_url(scheme, parts, file):
    url = f"{scheme}://{'/'.join(parts)}"
    assert named(mirror_of(url)) == url
    assert named(mirror_of(url) / file) == f"{url}/{file}"


def test_urls_may_be_long():
    deep = "memory://b/" + "/".join(["データ集" * 5] * 8) + "/run%+"
    mirror = mirror_of(deep)
    (mirror / "a").mkdir(parents=True)
    assert named(mirror / "a" / "b") == f"{deep}/a/b" and with_urls(f"in {mirror} here") == f"in {deep} here"


def test_no_mirror_lies_in_another():
    inner, outer = mirror_of("s3://bucket/runs/a"), mirror_of("s3://bucket/runs")
    assert not inner.is_relative_to(outer) and not outer.is_relative_to(inner)
    assert inner.name == "a"


@pytest.mark.parametrize("place", ["runs/m3", "/data/a:b", "C:/data", "a//b", "://x", "", None])
def test_paths_are_no_urls(place):
    assert not is_url(place)


def test_paths_stay_what_they_are(tmp_path):
    assert named(tmp_path / "a") == str(tmp_path / "a")
    assert named("runs") == os.path.abspath("runs")
    assert local("runs") == local("runs/") and str(local("runs")) == "runs"


def test_people_read_urls():
    mirror = mirror_of("s3://bucket/my runs/a")
    assert with_urls(f"Wrote {mirror}/report.html: open it") == "Wrote s3://bucket/my runs/a/report.html: open it"
    assert with_urls(f"runs {mirror.parent}") == "runs s3://bucket/my runs"
    for kept in (
        f"--logdir={mirror}",
        f"--gin_file={mirror}/best.gin",
        f"it is in the mirror {mirror}",
        f"it is in {cache_place()}/features",
    ):
        assert with_urls(kept) == kept
