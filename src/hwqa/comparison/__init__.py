"""Products side by side, like for like, and what is said for and against each."""
