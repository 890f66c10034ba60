"""The version of this program."""

VERSION = "2.0.0"
