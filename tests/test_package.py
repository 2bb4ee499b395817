"""The package as it is installed: a wheel that carries the configurations and works from any folder."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_a_wheel_carries_the_configurations_and_finds_them_from_any_folder(tmp_path):
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")
    shipped = {f"fat_tf/{path.relative_to(ROOT)}" for path in (ROOT / "gin").rglob("*.gin")}
    assert shipped <= set(names)
    [entries] = (tmp_path / "site").glob("*.dist-info/entry_points.txt")
    assert "fat-tf = fat_tf.commands:main" in entries.read_text()
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "fat_tf").rglob("*.py")}
    assert modules <= set(names), "setup.cfg lists its packages by hand"
    program = "from fat_tf import config; config.load(['m3.gin']); print(config.find('m3.gin'))"
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); {program}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(tmp_path / "site" / "fat_tf" / "gin" / "models" / "m3.gin")
