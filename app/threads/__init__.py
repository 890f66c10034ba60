"""The default executor: threads of this process, a journal, files. `build.py` puts it together."""
