"""Short runs on the small built-in set."""

from pathlib import Path

import pytest

from fat_tf import config, training

TINY_GIN = str(Path(__file__).with_name("tiny.gin"))
TINY = [
    "WIDTH=2",
    "EPOCHS=2",
    "BATCH_SIZE=16",
    "FrontEnd.window_seconds=1.0",
    "Recipe.precision='float32'",
    "Board.share=0.0",
]


@pytest.fixture
def run_tiny(synthetic, cache_dir):
    """Trains a model of one block; arguments: run_dir, more bindings, further arguments of `train`."""

    def run(run_dir, *params: str, gin_file: str = TINY_GIN, **arguments) -> dict[str, object]:
        bindings = [*TINY, *params]
        config.load([gin_file], bindings)
        arguments = {"data_dir": synthetic, "cache_dir": cache_dir, "folds": [0, 1]} | arguments
        return training.train(config.make("Recipe"), run_dir, gin_params=bindings, **arguments)

    return run


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """Place of one finished run of two folds for all tests that only look."""
    return tmp_path_factory.mktemp("run") / "r"


@pytest.fixture
def done(finished, run_tiny):
    """A finished run of two folds; not to be changed."""
    if not (finished / "metrics.json").exists():
        run_tiny(finished)
    return finished
