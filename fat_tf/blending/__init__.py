"""Scores of several models to better ones."""
