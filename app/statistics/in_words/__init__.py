"""Answers in a sentence, in English and Romanian: a module for each kind of statistic.

`english.py`, `romanian.py` and `romanian_names.py` have the phrases and the names of either
language. What is said, and when, is written once.
"""
