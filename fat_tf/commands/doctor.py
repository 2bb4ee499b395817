"""Tries one real operation of each part and prints what works, and what to do about the rest.

fat-tf doctor
"""


def add_flags(parser):
    """It has none."""


def main(flags):
    from fat_tf import doctor

    findings = doctor.examine()
    print(doctor.table(findings))
    return 0 if all(finding.works for finding in findings) else 2
