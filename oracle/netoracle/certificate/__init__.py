"""Certificates: a run with every chosen value and time, and the checker that replays it.

Nothing here imports the search or the unknowns: a certificate is checked against the
specification and the trace alone.
"""
