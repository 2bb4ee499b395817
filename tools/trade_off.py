"""The same as `fat-tf trade_off`."""

import sys

from fat_tf import commands

if __name__ == "__main__":
    sys.exit(commands.tool("trade_off"))
