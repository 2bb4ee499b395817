"""The same as `fat-tf learning_curve`."""

import sys

from fat_tf import commands

if __name__ == "__main__":
    sys.exit(commands.tool("learning_curve"))
