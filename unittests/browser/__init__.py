"""The pages in a real browser, as a user has them: `make browser`."""
