"""Servers of other kinds, which are measured beside this one."""
