"""report.html of a run: what it is worth, where it errs, what it was made of; to look at and listen to."""
