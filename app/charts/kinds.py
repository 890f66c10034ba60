"""The kinds of chart that can be asked for."""

KINDS = ("bar", "map", "line", "dot")
