"""Answers in a sentence, in English and Romanian: a module for each kind of statistic.

`english.py`, `romanian.py` and `romanian_names.py` have the phrases and the names of either
language; which of them make an answer, and when, is written once. What was asked is a sentence of
its statistic in English; in Romanian it is in `asked.py`, and what a dataset calls things itself in
`own_names.py`.
"""
