"""Decodes a data set and computes its log-mels ahead of training, so that every file is checked once.

fat-tf prepare --data_dir=my_sounds
fat-tf prepare --data_dir=my_sounds --executor=ray      # parts of it as tasks, see docs/scale.md
"""

from fat_tf import config
from fat_tf.commands.executors import cache_of, check_executor, ray_executor
from fat_tf.commands.flags import add_cache, add_configuration, add_data, add_executor
from fat_tf.commands.places import check_data, say_loading

TO_GO_ON = "The same command goes on where it stopped."


def add_flags(parser):
    add_configuration(parser, default="m3.gin")
    add_data(parser)
    add_cache(parser)
    add_executor(parser)


def main(flags):
    files = flags.gin_file or ["m3.gin"]
    config.check(files, flags.gin_param)
    check_data(flags.data_dir)
    check_executor(flags)
    say_loading()
    from fat_tf import training

    config.load(files, flags.gin_param)
    recipe = config.make("Recipe")  # bindings of other parts are for a later training
    if flags.executor == "local":
        print(training.prepare(recipe, flags.data_dir, flags.cache_dir))
        return
    from fat_tf.cluster.clip_tasks import add_features

    read = {"--data_dir": flags.data_dir} if flags.data_dir else {}
    with ray_executor(flags, read, {"--cache_dir": cache_of(flags)}) as executor:
        add = add_features(executor, cache_of(flags))
        print(training.prepare(recipe, flags.data_dir, flags.cache_dir, add))
