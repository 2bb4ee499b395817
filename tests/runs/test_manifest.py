"""manifest.json: read as it was written, or refused with what is wrong with it."""

import json

import pytest
from fake_runs import manifest

from fat_tf.errors import UserError
from fat_tf.runs.manifest import read_manifest, write_manifest

SAID = manifest(
    recipe={"class": "Recipe", "seed": 1, "stages": [{"name": "fit"}]},
    data_dir="/sounds/Käuzchen",
    gin_files=("m1.gin",),
    own_parts=({"module": "a.py", "file": "/x/a.py", "sha256": "1"},),
    files={"labels.csv": "0"},
)


def test_it_is_read_as_it_was_written(tmp_path):
    write_manifest(tmp_path, SAID)
    assert read_manifest(tmp_path) == SAID
    assert '"format": 2' in (tmp_path / "manifest.json").read_text()


def test_a_run_of_an_earlier_version_has_none(tmp_path):
    assert read_manifest(tmp_path) is None


@pytest.mark.parametrize(
    "change, says",
    [
        (lambda text: text.replace('"seed": 1', '"seed": 2'), "changed by hand, its checksum does not hold: copy it"),
        (
            lambda text: text.replace('"format": 2', '"format": 3'),
            "has format 3, and this version reads 2: use the fat",
        ),
        (lambda text: text[:100], "is damaged .*: copy it anew .*--folds_from="),
        (lambda text: "[]", "is damaged"),
        (lambda text: "{}", "is damaged"),
        (lambda text: json.dumps({key: v for key, v in json.loads(text).items() if key != "sha256"}), "is damaged"),
    ],
)
def test_what_is_wrong_with_it_is_one_line(tmp_path, change, says):
    write_manifest(tmp_path, SAID)
    file = tmp_path / "manifest.json"
    file.write_text(change(file.read_text()))
    with pytest.raises(UserError, match=says) as raised:
        read_manifest(tmp_path)
    assert "\n" not in raised.value.message and "manifest.json" in raised.value.message
