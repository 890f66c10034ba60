"""The pages for a browser, on nothing but the public HTTP API, and the one that others embed."""
