"""Tries one real operation of each part and prints what works, and what to do about the rest.

python tools/doctor.py
"""

import argparse
import sys

from fat_tf import cli


def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    from fat_tf import doctor  # after the flags: --help need not wait for TensorFlow

    findings = doctor.examine()
    print(doctor.table(findings))
    if not all(finding.works for finding in findings):
        sys.exit(cli.WRONG_USAGE)


if __name__ == "__main__":
    cli.run(main)
