"""Opens a page in the browser to try a model: drop or record a sound, see its log-mel and its tags over time.

    fat-tf demo --model=EXPORTED        # of fat-tf export
    fat-tf demo --run_dir=RUN           # of fat-tf train
    fat-tf demo --model=EXPORTED --host=0.0.0.0 --port=8000   # for others in the network, unencrypted

Needs Gradio: pip install -c constraints.txt -e '.[demo]'. Nothing leaves the machine, and sounds are deleted when it
ends. From other machines browsers allow no recording without https.
"""

from fat_tf import config
from fat_tf.commands.flags import add_configuration
from fat_tf.commands.given_places import Source
from fat_tf.commands.places import check_run, say_loading
from fat_tf.errors import UserError
from fat_tf.program import install_line


def add_flags(parser):
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--model", type=Source, help="a SavedModel of fat-tf export")
    source.add_argument("--run_dir", type=Source, help="a run of fat-tf train")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine alone)")
    parser.add_argument("--port", type=int, default=7860, help="default: 7860; 0: a free one")
    parser.add_argument("--max_seconds", type=float, default=120, help="longest sound (default: 120)")
    add_configuration(parser, default="demo.gin")


def main(flags):
    if flags.run_dir:
        check_run(flags.run_dir)
    say_loading()
    try:
        from fat_tf.demo.page import make_page, serve
    except ModuleNotFoundError as error:
        raise UserError(f"The page needs {error.name}: {install_line('demo')}") from error
    from fat_tf import Tagger

    config.load(flags.gin_file or ["demo.gin"], flags.gin_param)
    tag_track = config.make("TagTrack")
    config.check_all_read(flags.gin_param)
    tagger = Tagger.from_saved_model(flags.model) if flags.model else Tagger.from_run(flags.run_dir)
    page = make_page(tagger, flags.model or flags.run_dir, flags.max_seconds, tag_track)
    serve(page, flags.host, flags.port)
