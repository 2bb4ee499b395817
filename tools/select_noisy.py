"""The same as `fat-tf select_noisy`."""

import sys

from fat_tf import commands

if __name__ == "__main__":
    sys.exit(commands.tool("select_noisy"))
