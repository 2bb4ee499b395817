"""The speed figures of the README, each a ratio to a peer measured in the same run.

python tools/benchmark.py features                       # decode + trim + log-mel beside librosa
python tools/benchmark.py training --gin_file=m3.gin     # the training loop beside its bare step
python tools/benchmark.py training --torch_python=venv-with-torch/bin/python  # the bare step beside PyTorch's
python tools/benchmark.py predict --data_dir=FOLDER --torch_python=venv-with-torch/bin/python   # beside PyTorch
python tools/benchmark.py export --torch_python=venv-with-torch/bin/python    # the exported model beside PyTorch
"""

from fat_tf import cli


def main():
    parser = cli.parser(__doc__, default_gin="m3.gin")
    parser.add_argument("what", choices=["features", "training", "predict", "export"])
    parser.add_argument("--data_dir", help="for training: a data set; for predict: sounds (default: the built-in set)")
    parser.add_argument("--torch_python", help="for predict, export and training's step: the Python of an "
                        "environment with torch and numpy")  # fmt: skip
    parser.add_argument("--cache_dir", help="where log-mels are kept (default: ~/.cache/fat_tf/features)")
    args = parser.parse_args()
    if args.what in ("predict", "export") and not args.torch_python:
        parser.error(f"{args.what} is measured beside PyTorch: give --torch_python")
    from fat_tf import config  # after the flags: --help need not wait for TensorFlow
    from fat_tf.benchmark.export import export
    from fat_tf.benchmark.features import features
    from fat_tf.benchmark.predict import predict
    from fat_tf.benchmark.training import training, training_step

    config.load(args.gin_file or ["m3.gin"], args.gin_param)
    recipe = config.make("Recipe")
    if args.what == "features":
        text = features(recipe)
    elif args.what == "training" and args.torch_python:
        text = training_step(recipe, args.torch_python)
    elif args.what == "training":
        text = training(recipe, args.data_dir, args.cache_dir)
    elif args.what == "export":
        text = export(recipe, args.torch_python)
    else:
        text = predict(recipe, args.data_dir, args.torch_python)
    config.check_all_read(args.gin_param)
    print(text)


if __name__ == "__main__":
    cli.run(main)
