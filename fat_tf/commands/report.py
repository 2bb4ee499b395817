"""Writes the page of a finished run, RUN/report.html: what it is worth, where it errs, to look at and listen to.

fat-tf report runs/m3
fat-tf report runs/m3 --against=runs/m1 --sounds=all
"""

from pathlib import Path

from fat_tf.commands.flags import add_audio
from fat_tf.commands.given_places import Source, Work
from fat_tf.commands.judging import add_judge, load_judge
from fat_tf.commands.places import check_manifest, check_run, say_loading

SOUNDS = ("some", "none", "all")


def add_flags(parser):
    parser.add_argument("run", type=Work, metavar="RUN", help="folder of a finished run")
    parser.add_argument("--against", type=Source, metavar="RUN", help="another run, to compare with")
    parser.add_argument(
        "--sounds",
        choices=SOUNDS,
        default="some",
        help="some: of the listed clips, up to 20 MB; all: every clip that is not perfect is listed and heard",
    )
    add_audio(parser)
    add_judge(parser)


def main(flags):
    check_run(flags.run)
    check_manifest(flags.run)
    load_judge(flags)
    say_loading()
    from fat_tf.pages.report.write import write_report

    page = write_report(flags.run, flags.sounds, flags.audio, flags.against)
    print(f"Wrote {page} ({Path(page).stat().st_size / 1e6:.1f} MB): open it in a browser")
