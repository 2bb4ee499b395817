"""The folder of a run: all that it holds, written and read."""
