"""Tries one real operation of each part and prints what works, and what to do about the rest.

fat-tf doctor
"""


def add_flags(parser):
    """It has none."""


def main(flags):
    from fat_tf import doctor

    broken = False
    for finding in doctor.examine():
        print(doctor.told(finding), flush=True)
        broken |= not finding.works
    return 2 if broken else 0
