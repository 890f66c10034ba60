"""The second executor with a real Redis, as a user has it: `make test-cluster`."""
