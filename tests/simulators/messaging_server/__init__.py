"""Messaging Server as an administrator of a cluster meets it: its installer, its configurators, its tools."""
