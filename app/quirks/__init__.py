"""What to beware of in a dataset, found in its rows."""
