"""Captures judged by the rules of the host model, with the sockets calls inferred."""
