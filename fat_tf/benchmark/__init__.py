"""The speed figures of docs/figures.md, and what faster models of finished runs cost."""
