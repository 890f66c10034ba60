"""The honest statistics: the survey's rows in, tables out. No HTTP, no threads, no files."""
