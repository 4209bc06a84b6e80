"""Definitions of the text and functions of the specification, on the same generated arguments."""
