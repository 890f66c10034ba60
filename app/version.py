"""The version of this program."""

VERSION = "1.3.0"
