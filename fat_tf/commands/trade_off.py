"""Says what smaller and faster models cost: lwlrap against clips/s and megabytes, in float32, bfloat16 and int8.

    fat-tf trade_off runs/teacher runs/student --output=trade_off
    fat-tf trade_off runs/m3 runs/m1 runs/student --output=trade_off --audio=SOUNDS    # the sounds were moved

Of each run the fold that is best by its own validation clips is measured, as it would be used by itself: its weights in
float32, in bfloat16 where the processor computes it, and as a LiteRT file with 8-bit weights, which scores the clips
anew. The test clips judge them if their labels are known, else those out of the first run's fold. All are compared with
the first run. It prints a table and writes trade_off.csv, .png and .svg into --output.
"""

from pathlib import Path

from fat_tf.commands.flags import add_audio
from fat_tf.commands.given_places import Source, Work
from fat_tf.commands.judging import add_judge, load_judge
from fat_tf.commands.places import say_loading
from fat_tf.errors import UserError
from fat_tf.files import check_output


def add_flags(parser):
    parser.add_argument(
        "runs", type=Source, nargs="+", metavar="RUN", help="finished runs on one data set, the teacher first"
    )
    parser.add_argument("--output", type=Work, required=True, metavar="FOLDER",
                        help="where the table and the picture go")  # fmt: skip
    add_audio(parser)
    add_judge(parser)


def main(flags):
    from fat_tf.benchmark.judged_sounds import find_sounds
    from fat_tf.evaluation.candidates import find_candidates

    if Path(flags.output).is_file():
        raise UserError(f"--output={flags.output} is a file: give a folder for a table and pictures")
    check_output(Path(flags.output) / "trade_off.csv")
    load_judge(flags)
    judged = find_candidates(flags.runs)
    clips = find_sounds(judged, flags.audio)
    say_loading()
    from fat_tf.benchmark.trade_off import trade_off
    from fat_tf.benchmark.trade_off_text import trade_off_lines, write_trade_off
    from fat_tf.terminal import print_lines, width_of

    rows = trade_off(judged, clips)
    print_lines(*trade_off_lines(rows, judged.judged_by, width_of()))
    print_lines(f"Picture: {write_trade_off(Path(flags.output), rows, judged.judged_by)}")
