"""The same as `fat-tf sweep`."""

import sys

from fat_tf import commands

if __name__ == "__main__":
    sys.exit(commands.tool("sweep"))
