"""Segments in words."""

from __future__ import annotations

from netspec.wire.segment import Segment

_FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR")


def in_words(seg: Segment) -> str:
    """One line: flags, numbers, window, options, and what is wrong with it."""
    flags = " ".join(name for bit, name in enumerate(_FLAGS) if seg.flags >> bit & 1)
    words = [flags or "no flags", f"seq {seg.seq}"]
    if seg.flags & 16:
        words.append(f"ack {seg.ack}")
    words += [f"win {seg.win}", f"len {seg.length}"]
    options = seg.options
    if options.mss is not None:
        words.append(f"mss {options.mss}")
    if options.ws is not None:
        words.append(f"ws {options.ws}")
    if options.sack_permitted:
        words.append("sack-permitted")
    if options.ts is not None:
        words.append(f"ts {options.ts[0]} {options.ts[1]}")
    words += [f"sack {left}..{right}" for left, right in options.sack]
    words += [f"option {kind}" for kind, _ in options.other]
    if seg.fault is not None:
        words.append(f"({seg.fault})")
    return " ".join(words)
