"""`python -m app.prepare`: reads a dataset once, into a folder that servers map."""
