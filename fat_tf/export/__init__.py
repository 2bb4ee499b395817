"""From finished runs to files that score sounds without this package."""
