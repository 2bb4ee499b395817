"""Tries one real operation of each part and prints what works, and what to do about the rest.

fat-tf doctor
fat-tf doctor --gin_file=m3.gin --gin_file=own.gin    # and whether a training can read these files
"""

from fat_tf.commands.flags import add_configuration
from fat_tf.errors import UserError


def add_flags(parser):
    add_configuration(parser, default="none is tried")


def main(flags):
    from fat_tf import doctor

    if flags.gin_param and not flags.gin_file:
        raise UserError("--gin_param changes a configuration: name it with --gin_file")
    broken = False
    for finding in doctor.examine(flags.gin_file or (), flags.gin_param):
        print(doctor.told(finding), flush=True)
        broken |= not finding.works
    return 2 if broken else 0
