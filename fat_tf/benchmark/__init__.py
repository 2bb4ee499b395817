"""The speed figures of docs/figures.md."""
