"""Judging captures: the wire rules applied to each end of each connection, as a stream."""
