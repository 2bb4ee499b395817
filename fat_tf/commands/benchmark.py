"""The speed figures of docs/figures.md, each a ratio to a peer measured in the same run.

fat-tf benchmark features                       # decode + trim + log-mel beside librosa
fat-tf benchmark decoding                       # each format beside libsndfile alone
fat-tf benchmark training --gin_file=m3.gin     # the training loop beside its bare step
fat-tf benchmark training --torch_python=venv-with-torch/bin/python    # the training step beside PyTorch's
fat-tf benchmark predict --data_dir=FOLDER --torch_python=venv-with-torch/bin/python   # beside PyTorch
fat-tf benchmark export --torch_python=venv-with-torch/bin/python    # the exported model beside PyTorch
fat-tf benchmark report                         # the page of a run of 1,000 clips and 80 classes, without a peer
fat-tf benchmark scale --clips=1000,10000       # time and memory of each command on more and more clips
fat-tf benchmark sizing                         # what large sets would cost by these figures, computed
"""

from fat_tf import config
from fat_tf.commands.flags import add_cache, add_configuration, counts
from fat_tf.commands.places import say_loading
from fat_tf.errors import UserError


def add_flags(parser):
    add_configuration(parser, default="m3.gin; scale.gin, sizing.gin for these")
    parser.add_argument(
        "what", choices=["features", "decoding", "training", "predict", "export", "report", "scale", "sizing"]
    )
    parser.add_argument("--data_dir", help="for training: a data set; for predict: sounds (default: the built-in set)")
    parser.add_argument("--torch_python", help="for predict, export and training's step: the Python of an "
                        "environment with torch and numpy")  # fmt: skip
    parser.add_argument(
        "--clips", type=counts, default=[1000, 10000], help="for scale: numbers of clips, like 1000,10000"
    )
    parser.add_argument("--classes", type=int, default=500, help="for scale: number of classes")
    add_cache(parser)


def main(flags):
    if flags.what == "scale":
        from fat_tf.benchmark.scale import scale

        print(scale(flags.clips, flags.classes, flags.gin_file or ["scale.gin"], flags.gin_param))
        return
    if flags.what == "sizing":
        config.load(flags.gin_file or ["sizing.gin"], flags.gin_param)
        print(config.make("Sizing").table())
        return
    if flags.what in ("predict", "export") and not flags.torch_python:
        raise UserError(f"{flags.what} is measured beside PyTorch: give --torch_python")
    files = flags.gin_file or ["m3.gin"]
    config.check(files, flags.gin_param)
    say_loading()
    from fat_tf.benchmark.decoding import decoding
    from fat_tf.benchmark.export import export
    from fat_tf.benchmark.features import features
    from fat_tf.benchmark.predict import predict
    from fat_tf.benchmark.report import report
    from fat_tf.benchmark.training import training, training_step

    config.load(files, flags.gin_param)
    recipe = config.make("Recipe")
    measure = {
        "features": lambda: features(recipe),
        "decoding": decoding,
        "training": lambda: (
            training_step(recipe, flags.torch_python)
            if flags.torch_python
            else training(recipe, flags.data_dir, flags.cache_dir)
        ),
        "export": lambda: export(recipe, flags.torch_python),
        "report": lambda: report(recipe),
        "predict": lambda: predict(recipe, flags.data_dir, flags.torch_python),
    }
    text = measure[flags.what]()
    config.check_all_read(flags.gin_param)
    print(text)
