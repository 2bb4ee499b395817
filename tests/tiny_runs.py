"""Short runs on the small built-in set."""

import pytest
from fake_runs import TINY_GIN

from fat_tf import config, training
from fat_tf.training.executor import Executor

TINY = [
    "WIDTH=2",
    "EPOCHS=2",
    "BATCH_SIZE=16",
    "FrontEnd.window_seconds=1.0",
    "Recipe.precision='float32'",
    "Board.share=0.0",
]


@pytest.fixture(scope="session")
def run_tiny(synthetic, cache_dir):
    """Trains a model of one block; arguments: run_dir, more bindings, what `Inputs` takes, an executor."""

    def run(run_dir, *params: str, gin_file: str = TINY_GIN, executor=None, **inputs) -> dict[str, object]:
        bindings = [*TINY, *params]
        config.load([gin_file], bindings)
        taken = training.Inputs(**{"data_dir": synthetic, "cache_dir": cache_dir, "folds": [0, 1]} | inputs)
        return training.train(config.make("Recipe"), run_dir, taken, bindings, executor or Executor())

    return run


@pytest.fixture(scope="session")
def done(shared, run_tiny):
    """A finished run of two folds; not to be changed."""
    return shared("finished", run_tiny)
