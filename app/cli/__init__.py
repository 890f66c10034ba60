"""The command line, `python -m app`: what the server offers, from a shell.

It is built over `app/client/` and the statistics' definitions. `serve`, `worker`, `data`,
`prepare`, `mcp` and `grade` hand on to programs of their own. What a command needs is imported once
it is called, so that `--help` and completion are quick.
"""
