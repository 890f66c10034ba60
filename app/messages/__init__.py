"""What the program tells people in a sentence of its own, in English and Romanian.

A sentence stands in one place with its Romanian beside it: those of answers in `caveats.py`, those
of refusals in `reasons.py`, what the page says of statistics in `descriptions.py`, and where
figures are from in `sources.py`. Answers, jobs and logs have the English, and nothing is computed
or kept once more for another language: `reading.py` finds of an English sentence which one it is,
and says it in Romanian.
"""
