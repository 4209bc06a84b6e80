"""The specification: what the protocols allow.  Pure: no I/O, clock, randomness, solver or search."""
