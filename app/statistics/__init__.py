"""The statistics: a module for each, the course's nine in one. `registry.py` lists them."""
