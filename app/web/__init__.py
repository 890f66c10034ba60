"""The page: Explore and Jobs, for a browser, on nothing but the public HTTP API."""
