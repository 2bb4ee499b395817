"""Until a training has its first batch: loads what it works on, and says how long the epoch then takes to begin."""

import json
import sys
import time
from pathlib import Path

from fat_tf import config
from fat_tf.commands.flags import Parser, add_cache, add_configuration
from fat_tf.data.batches import training_batches
from fat_tf.data.builtin import open_dataset
from fat_tf.training.fold_data import fold_data
from fat_tf.training.run_data import load_run_data, warn_of_same_sounds


def main() -> None:
    """Write the seconds from the epoch's begin to its first batch, by the clock and of the processor, as JSON."""
    parser = Parser("scale_start", "scale_start", __doc__)
    add_configuration(parser)
    parser.add_argument("--data_dir")
    parser.add_argument("--output")
    add_cache(parser)
    flags = parser.parse_args(sys.argv[1:])
    config.load(flags.gin_file, flags.gin_param)
    recipe = config.make("Recipe")
    data = load_run_data(recipe, open_dataset(flags.data_dir), flags.cache_dir)
    warn_of_same_sounds(data)
    fold = fold_data(recipe, data, 0)
    stage = recipe.stages[0]
    began = time.perf_counter(), time.process_time()
    rows, labels = fold.training[stage.name], fold.labels_of(recipe, stage)
    next(iter(training_batches(data.source, rows, labels, recipe.batch_size, range(1), (0, 0))))
    now = time.perf_counter(), time.process_time()
    Path(flags.output).write_text(json.dumps([now[0] - began[0], now[1] - began[1]]), "utf-8")
