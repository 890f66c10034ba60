"""The version of this program."""

VERSION = "1.2.0"
