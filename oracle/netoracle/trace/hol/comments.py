"""What the recorders wrote into the comments of HOL traces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from netoracle.trace.hol.text import MAX_DIGITS, Comment, blank_comments
from netoracle.trace.model import TraceError

_TIME = re.compile(
    r"""\*\s*(?P<time>[0-9]+(?:\.[0-9]+|\s*/\s*[0-9]+)?)          # (** 12.000345 "ns0" **), (** 1/3 "ns0" **)
        (?:\s*"(?P<quoted>[\w.-]*)"|\s+(?P<bare>[A-Za-z][\w.-]*))?\s*\*
      | (?P<older>[0-9]+\.[0-9]+)                                 # (* 12.000345 *)
    """,
    re.ASCII | re.VERBOSE,
)
_INDEX = re.compile(r"(?:Merge Index|Merged sequence number): *([0-9]+)")
_FRAME = re.compile(r"HOST|TSOH|BEGIN|BASETIME|EMITESAB|Conflate Index: *[0-9]+|-*")
_NUMBER = re.compile(r"[0-9]+")
_END_OF_HEADER = "EMITESAB"
_SOURCE = re.compile(r"[\w.-]*", re.ASCII)


class CommentError(Exception):
    """A comment that says something that cannot be."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Remarks:
    """What the comments in front of a label say; `texts` are those that mean nothing in particular."""

    time: Fraction | None = None
    source: str = ""
    index: int | None = None
    texts: tuple[str, ...] = ()


def remarks(comments: Iterable[Comment]) -> Remarks:
    """What some comments say together; of two times or indices, the later one counts.

    Raises CommentError where a number has too many digits.
    """
    time: Fraction | None = None
    source = ""
    index: int | None = None
    texts: list[str] = []
    for comment in comments:
        if found := _TIME.fullmatch(comment.text):
            time = _fraction(found["time"] or found["older"], comment.offset)
            source = found["quoted"] or found["bare"] or ""
        elif found := _INDEX.fullmatch(comment.text):
            index = int(_bounded(found[1], comment.offset))
        elif not _FRAME.fullmatch(comment.text):
            texts.append(comment.text)
    return Remarks(time, source, index, tuple(texts))


def _bounded(digits: str, offset: int) -> str:
    if any(len(number) > MAX_DIGITS for number in _NUMBER.findall(digits)):
        raise CommentError(offset, f"this number has more than {MAX_DIGITS} digits")
    return digits


def _fraction(text: str, offset: int) -> Fraction:
    try:
        return Fraction(_bounded(text, offset).replace(" ", ""))
    except ZeroDivisionError:
        raise CommentError(offset, "division by zero") from None


def distribute(
    comments: Sequence[Comment], setup: int, labels: Sequence[tuple[int, int]]
) -> tuple[tuple[str, ...], list[Remarks]]:
    """The remarks of the header, and those in front of each label.

    `setup` is where the last host line or the base time begins, `labels` where each label begins and ends.
    The header ends with its own mark, or else with the first comment after the setup that belongs to a label.

    Raises CommentError where a number has too many digits.
    """
    header: tuple[str, ...] = ()
    found: list[Remarks] = []
    position = 0
    for number, (begin, end) in enumerate(labels):
        here: list[Comment] = []
        while position < len(comments) and comments[position].offset < end:
            if comments[position].offset < begin:
                here.append(comments[position])
            position += 1
        if number == 0:
            split = _end_of_header(here, setup)
            header = remarks(here[:split]).texts
            here = here[split:]
        found.append(remarks(here))
    if not labels:
        header = remarks(comments).texts
    return header, found


def _end_of_header(comments: Sequence[Comment], setup: int) -> int:
    """How many of the comments in front of the first label are the header's."""
    for position in range(len(comments), 0, -1):
        if comments[position - 1].text == _END_OF_HEADER:
            return position
    for position, comment in enumerate(comments):
        if comment.offset > setup and (_TIME.fullmatch(comment.text) or _INDEX.fullmatch(comment.text)):
            return position
    return len(comments)


def is_source(text: str) -> bool:
    """Whether a source's name can be written into a comment and read again."""
    return _SOURCE.fullmatch(text) is not None


def is_remark(text: str) -> bool:
    """Whether a remark can be written as a comment and read again as the same remark."""
    try:
        blanked, comments = blank_comments(f"(* {text} *)", "")
    except TraceError:
        return False
    if blanked.strip() or [comment.text for comment in comments] != [text]:
        return False
    try:
        return remarks(comments).texts == (text,)
    except CommentError:
        return False
