"""Making a HOL trace of one host from what was recorded there: a capture, and a log of sockets calls."""

from netoracle.trace.convert.merge import Recording, convert

__all__ = ["Recording", "convert"]
