"""The command line, `python -m app`: what the server offers, from a shell.

It is built over `app/client/` and knows none of the server's modules, except that `serve` and
`data` hand on to theirs. What a command needs is imported once it is called, so that `--help` and
completion are quick.
"""
