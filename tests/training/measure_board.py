"""What TensorBoard costs a run: the share of its time, and how much longer a step takes that measures its norms.

    python tests/training/measure_board.py --gin_file=m1.gin --gin_param="WIDTH=16" --data_dir=URBAN10 --folds=0

takes the flags of tools/train.py. Both are ratios, so that other work on the machine matters little.
"""

import statistics
import sys
import tempfile
import time

import keras
import tensorflow as tf

from fat_tf import commands, config
from fat_tf.models.device import dtype_policy
from fat_tf.training.board.harmless import Harmless
from fat_tf.training.fold_trainer import FoldTrainer
from fat_tf.training.networks import build_networks
from fat_tf.training.step_norms import EVERY
from fat_tf.training.training_model import TrainingModel, training_model

ROUNDS = 40


class Clock:
    """Seconds that a method of a class takes, in all of its calls."""

    def __init__(self, owner: type, name: str):
        self.seconds, method = 0.0, getattr(owner, name)

        def timed(*arguments, **keywords):
            began = time.perf_counter()
            try:
                return method(*arguments, **keywords)
            finally:
                self.seconds += time.perf_counter() - began

        setattr(owner, name, timed)


def share_of_the_time(flags: list[str]) -> None:
    """Train, and say which share of the training time went into TensorBoard's files."""
    board, training = Clock(Harmless, "__call__"), Clock(FoldTrainer, "fit")
    with tempfile.TemporaryDirectory() as folder:
        if commands.main(["train", *flags, f"--run_dir={folder}/run"]):
            sys.exit(1)
    print(f"TensorBoard: {board.seconds:.1f} of {training.seconds:.1f} s, {board.seconds / training.seconds:.1%}")


def seconds_of_steps() -> None:
    """Steps of the loaded configuration with norms and without, in turns."""
    recipe = config.make("Recipe")
    shape, classes = recipe.front_end.picture_shape, 16
    batch = tf.random.normal((recipe.batch_size, *shape)), tf.eye(recipe.batch_size, classes)
    steps = []
    for train_step in (TrainingModel.train_step, keras.Model.train_step):
        with dtype_policy(recipe.policy):
            model = _model(recipe, classes)
        steps.append(tf.function(lambda model=model, train_step=train_step: train_step(model, (batch,))))
    for step in steps:  # each is traced
        _seconds(step)
    ratios = []
    for number in range(ROUNDS):
        order = (0, 1) if number % 2 else (1, 0)
        seconds = {which: _seconds(steps[which]) for which in order}
        ratios.append(seconds[0] / seconds[1])
    print(f"A step with norms takes {statistics.median(ratios):.3f} times the processor's time, median of {ROUNDS}")


def _model(recipe, classes: int) -> TrainingModel:
    return training_model(recipe, recipe.stages[0], build_networks(recipe, classes, (0.0, 1.0)))


def _seconds(step) -> float:
    """Of the processor, which other work on it does not count for; of as many steps as one of them is measured in."""
    began = time.process_time()
    for _ in range(EVERY):
        float(step()["clip_loss"])
    return time.process_time() - began


if __name__ == "__main__":
    share_of_the_time(sys.argv[1:])
    seconds_of_steps()
