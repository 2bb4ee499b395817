"""What Keras knows after `import fat_tf` alone, which imports neither Keras nor TensorFlow."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(program: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=120)


def test_the_package_alone_is_imported_at_once():
    done = run("import sys, fat_tf; dir(fat_tf); print({'keras', 'tensorflow', 'numpy'} & sys.modules.keys())")
    assert done.stdout == "set()\n", done.stderr


@pytest.mark.parametrize("imports", [
    "import fat_tf, keras",
    pytest.param("import keras, fat_tf", marks=pytest.mark.slow),
    pytest.param("import fat_tf, tensorflow; keras = tensorflow.keras", marks=pytest.mark.slow),
    pytest.param("import fat_tf.layers, keras, fat_tf", marks=pytest.mark.slow),
])  # fmt: skip
def test_a_saved_model_is_read_after_a_mere_import(runs, imports):
    done = run(f"{imports}; print(keras.models.load_model({str(runs / 'b' / 'fold_0' / 'model.keras')!r}).name)")
    assert done.returncode == 0 and done.stdout.strip(), done.stderr
