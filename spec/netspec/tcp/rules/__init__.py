"""The rules of the host labelled transition system, one module for each of its chapters."""
