"""Opens a page in the browser to try a model: drop or record a sound, see its log-mel and its tags over time.

    python tools/demo.py --model=EXPORTED        # of tools/export.py
    python tools/demo.py --run_dir=RUN           # of tools/train.py
    python tools/demo.py --model=EXPORTED --host=0.0.0.0 --port=8000   # for others in the network, unencrypted

Needs Gradio: pip install -c constraints.txt -e '.[demo]'. Nothing leaves the machine, and sounds are deleted when it
ends. From other machines browsers allow no recording without https.
"""

import argparse

from fat_tf import cli
from fat_tf.errors import UserError


def flags():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--model", help="a SavedModel of tools/export.py")
    source.add_argument("--run_dir", help="a run of tools/train.py")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine alone)")
    parser.add_argument("--port", type=int, default=7860, help="default: 7860; 0: a free one")
    parser.add_argument("--max_seconds", type=float, default=120, help="longest sound (default: 120)")
    return parser.parse_args()


def main():
    args = flags()
    try:
        from fat_tf.demo.page import make_page, serve  # after the flags: --help need not wait for TensorFlow
    except ModuleNotFoundError as error:
        raise UserError(f"The page needs {error.name}: pip install -c constraints.txt -e '.[demo]'") from error
    from fat_tf import Tagger

    tagger = Tagger.from_saved_model(args.model) if args.model else Tagger.from_run(args.run_dir)
    serve(make_page(tagger, args.model or args.run_dir, args.max_seconds), args.host, args.port)


if __name__ == "__main__":
    cli.run(main)
