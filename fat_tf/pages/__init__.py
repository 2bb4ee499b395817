"""Pages to look at, listen to and work with: a run's report, and the audit of its labels."""
