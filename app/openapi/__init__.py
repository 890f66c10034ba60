"""The description of the HTTP API, made from the app's own routes and models."""
