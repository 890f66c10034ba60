"""The version of this program."""

VERSION = "1.4.0"
