"""Finds labels that models doubt: wrong ones, missing ones, and clips of none of the classes.

    fat-tf audit RUN                       # writes RUN/audit.csv, and RUN/audit/index.html to listen and correct
    fat-tf audit RUN --scorer=CURATED      # of a run that was trained on all noisy clips
    fat-tf audit RUN --audio=FOLDER        # the sounds were moved, the table of the clips was not

Curated clips are judged by the run's out-of-fold scores, noisy ones by models that have not seen them: those of the
run if it trains on curated clips alone, those that chose its noisy clips, or those of --scorer. LabelAudit.* says how.
"""

from pathlib import Path

from fat_tf import config
from fat_tf.commands.flags import add_audio, add_cache
from fat_tf.commands.given_places import Output, Sounds, Source, Work
from fat_tf.commands.places import (
    as_corrected,
    check_data,
    check_replaced,
    check_run,
    data_dir_of,
    moved_to,
    say_loading,
)

AUDIT = "audit.csv"
COLUMNS = ["rank", "fname", "source", "labels", "quality", "doubt", "suggested", "top", "agreement", "duplicate_of"]


# fmt: off
def add_flags(parser):
    parser.add_argument("run", type=Work, metavar="RUN", help="a run with at least one finished fold")
    parser.add_argument("--scorer", type=Source, metavar="RUN",
                        help="a run on curated clips that judges the noisy ones")
    parser.add_argument("--data_dir", type=Sounds, help="folder of the data set (default: the one of the run)")
    add_audio(parser)
    parser.add_argument("--output", type=Output, help=f"the CSV to write (default: {AUDIT} in the run's folder)")
    parser.add_argument("--clips", type=int, default=300, metavar="N",
                        help="clips on the page, the most doubtful first; 0: no page (default: 300)")
    parser.add_argument("--gin_file", action="append", default=[],
                        help="more configuration, after the run's own and audit.gin; repeatable")
    parser.add_argument("--gin_param", action="append", default=[],
                        help="one binding that wins over the files, like --gin_param=\"LabelAudit.way='ema'\"; "
                        "repeatable")
    add_cache(parser)
# fmt: on


def main(flags):
    for run in filter(None, (flags.run, flags.scorer)):
        check_run(run)
    check_data(flags.data_dir)
    check_replaced(output := Path(flags.output or Path(flags.run) / AUDIT), lambda header: header == COLUMNS)
    data_dir = flags.data_dir or data_dir_of(flags.run)
    files = [f"{flags.run}/config.gin", "audit.gin", *flags.gin_file]
    config.check(files, flags.gin_param)
    say_loading()
    from fat_tf.data.csv_text import csv_text
    from fat_tf.evaluation.audit_text import audit_lines, lines_to_go_on
    from fat_tf.evaluation.run_audit import audit_run
    from fat_tf.files import write_text
    from fat_tf.terminal import print_lines

    params = [*as_corrected(flags.run), *moved_to(flags.audio), *flags.gin_param]
    config.load(files, params, [Path(flags.run) / config.OWN_PARTS])
    label_audit, recipe = config.make("LabelAudit"), config.make("Recipe")
    audit = audit_run(label_audit, recipe, flags.run, flags.scorer, data_dir, flags.cache_dir, flags.gin_param)
    write_text(output, csv_text(audit.table[COLUMNS]))
    print_lines(*audit_lines(audit), f"All clips, the most doubtful first: {output}")
    if flags.clips > 0:
        from fat_tf.pages.audit.write import write_audit_page

        print_lines(f"To listen and correct, open in a browser: {write_audit_page(flags.run, audit, flags.clips)}")
    print_lines(
        "",
        "With labels_fixed.csv, as the page saves it:",
        *(f"  {line}" for line in lines_to_go_on(flags.run, data_dir, moved_to(flags.audio))),
    )
