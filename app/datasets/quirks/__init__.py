"""Warnings of what to know before using a number of a dataset."""
