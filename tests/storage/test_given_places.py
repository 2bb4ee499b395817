"""Commands that are given URLs: as with folders, and in one line what is wrong with them."""

import re
import sys

import fsspec
import pytest

from fat_tf.program import install_line

TRUTH = "fname,labels\na.wav,Bark\nb.wav,Rain\nc.wav,Bark\n"
SCORES = "fname,Bark,Rain\na.wav,0.9,0.1\nb.wav,0.2,0.8\nc.wav,0.7,0.6\n"


def text(url: str) -> str:
    return fsspec.open(url, "r").open().read()


def test_scores_and_results_lie_at_urls(call, url, put):
    put(url, **{"a.csv": SCORES, "b.csv": SCORES, "truth.csv": TRUTH})
    given = [f"{url}/{name}" for name in ("a.csv", "b.csv")]
    done = call("blend", *given, f"--output={url}/blends/mean.csv")
    assert done.returncode == 0 and f"Written: {url}/blends/mean.csv" in done.stdout
    assert "c.wav,0.7,0.6" in text(f"{url}/blends/mean.csv")
    done = call("evaluate", f"--scores={url}/blends/mean.csv", f"--truth={url}/truth.csv")
    assert done.returncode == 0 and re.search(r"lwlrap +1\.000", done.stdout)


def test_what_is_wrong_in_a_file_is_said_with_its_url(call, url, put):
    put(url, **{"a.csv": SCORES, "truth.csv": "no,table\n1,2\n"})
    done = call("evaluate", f"--scores={url}/a.csv", f"--truth={url}/truth.csv")
    assert done.returncode == 2 and f"Error: {url}/truth.csv" in done.stderr


@pytest.mark.parametrize("name", ["train", "prepare"])
def test_a_data_set_that_is_not_there(call, name):
    done = call(name, "--gin_file=m0.gin", "--data_dir=memory://nothing/here")
    assert done.returncode == 2 and done.stderr == (
        "Error: memory://nothing/here is not there, or holds no files: mend the URL\n"
    )


@pytest.mark.parametrize("url, said", [
    ("qq://a/b", "qq://a/b: Protocol not known: qq"),
    ("abfs://a/b", "abfs://a/b: a package for abfs:// is not installed (Install adlfs to access Azure"),
])  # fmt: skip
def test_schemes_that_nothing_knows(call, url, said):
    done = call("train", "--gin_file=m0.gin", f"--run_dir={url}")
    assert done.returncode == 2 and f"Error: {said}" in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("flag", ["--data_dir", "--run_dir", "--cache_dir"])
def test_a_slash_too_few(call, flag, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = call("train", "--gin_file=m0.gin", f"{flag}=s3:/bucket/a")
    assert (done.returncode, done.stderr) == (
        2, "Error: s3:/bucket/a has one slash too few for a URL: s3://bucket/a\n"
    )  # fmt: skip
    assert not list(tmp_path.iterdir())


def test_a_configuration_is_checked_before_anything_is_fetched(call):
    done = call("train", "--gin_file=m0.gin", "--data_dir=memory://nothing/here", "--gin_param=WIDHT=4")
    assert done.returncode == 2 and "WIDHT" in done.stderr and "memory" not in done.stderr


def test_without_fsspec(call, monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    done = call("train", "--gin_file=m0.gin", "--run_dir=s3://a/b")
    assert done.stderr == f"Error: s3://a/b needs fsspec: {install_line('storage')}\n"


def test_a_bucket_that_is_not_there_is_not_made(call, bucket):
    done = call("train", "--gin_file=m0.gin", f"--run_dir={bucket}-other/run")
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert f"Error: {bucket}-other/run: it is not there (The specified bucket does not exist)" in done.stderr
    assert not fsspec.filesystem("s3").exists(f"{bucket}-other")


def test_without_credentials(call, bucket, monkeypatch, tmp_path):
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    done = call("evaluate", f"--scores={bucket}/run")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert "no credentials (Unable to locate credentials): set AWS_ACCESS_KEY_ID" in done.stderr
