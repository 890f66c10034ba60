"""The programs that the server is measured beside."""
