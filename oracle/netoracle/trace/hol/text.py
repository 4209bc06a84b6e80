"""The text of a HOL trace before its grammar: comments, strings, brackets.

Comments nest.  Those that say something are collected with their places; in the text that is left they are
blanks, so that every line and column stays what it was.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from netoracle.trace.model import TraceError

MAX_DIGITS = 40
"""The longest number that is read, in digits."""

MAX_DEPTH = 100
"""How deep brackets and comments may nest."""

_OUTSIDE = re.compile(r'\(\*|"(?:[^"\\\n]|\\[^\n])*"|["()\[\]{}]|<\||\|>')
_INSIDE = re.compile(r"\(\*|\*\)")
_DATA_REMARK = re.compile(r'\(\*"[^"\n]*"\*\)')
_NOT_NEWLINE = re.compile(r"[^\n]")
_OPENING = frozenset(("(", "[", "{", "<|"))


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment's text, without its brackets and the blanks around it, and where it begins."""

    text: str
    offset: int


class Places:
    """Lines and columns (from 1) of a text's offsets."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def of(self, offset: int) -> tuple[int, int]:
        """The line and the column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def blank_comments(text: str, path: str) -> tuple[str, list[Comment]]:
    """Replace comments by blanks, and collect them.

    The remark that repeats a datagram's bytes as a string, `(*"..."*)`, is not collected; it may hold
    anything but a quotation mark, brackets of comments included.

    Raises TraceError where a comment or a string has no end, or brackets nest deeper than MAX_DEPTH.
    """

    def fail(offset: int, message: str) -> TraceError:
        return TraceError(path, *Places(text).of(offset), message)

    pieces: list[str] = []
    comments: list[Comment] = []
    kept = 0
    depth = 0
    match = _OUTSIDE.search(text)
    while match:
        token = match.group()
        end = match.end()
        if token == "(*":
            start = match.start()
            remark = _DATA_REMARK.match(text, start)
            if remark:
                end = remark.end()
            else:
                end = _end_of_comment(text, start)
                if end < 0:
                    raise fail(start, "this comment has no end")
                if end == 0:
                    raise fail(start, f"comments nest deeper than {MAX_DEPTH}")
                comments.append(Comment(text[start + 2 : end - 2].strip(), start))
            pieces += (text[kept:start], _NOT_NEWLINE.sub(" ", text[start:end]))
            kept = end
        elif token == '"':
            raise fail(match.start(), "this string is not closed on its line")
        elif token in _OPENING:
            depth += 1
            if depth > MAX_DEPTH:
                raise fail(match.start(), f"brackets nest deeper than {MAX_DEPTH}")
        elif not token.startswith('"'):
            depth -= 1
        match = _OUTSIDE.search(text, end)
    pieces.append(text[kept:])
    return "".join(pieces), comments


def _end_of_comment(text: str, start: int) -> int:
    """Where the comment that begins at `start` ends; -1 where it does not, 0 where it nests too deep."""
    depth = 0
    for match in _INSIDE.finditer(text, start):
        depth += 1 if match.group() == "(*" else -1
        if depth == 0:
            return match.end()
        if depth > MAX_DEPTH:
            return 0
    return -1


_ESCAPES = {"n": 10, "t": 9, "r": 13, '"': 34, "\\": 92}
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{3})|([0-9]{3})|(.))")


def string_bytes(literal: str) -> bytes:
    r"""The bytes of a string literal, quotation marks included.

    Escapes are `\xHHH` (three hexadecimal digits, as the recorders write them), `\ddd` (decimal), `\n`, `\t`,
    `\r`, `\"` and `\\`.

    Raises ValueError, saying what is wrong.
    """

    def byte(match: re.Match[str]) -> str:
        hexadecimal, decimal, letter = match.groups()
        if letter is not None:
            if letter not in _ESCAPES:
                raise ValueError(f"unknown escape \\{letter}")
            return chr(_ESCAPES[letter])
        code = int(hexadecimal, 16) if hexadecimal else int(decimal)
        if code > 255:
            raise ValueError(f"{match.group()} is no byte")
        return chr(code)

    text = literal[1:-1]
    if "\\" in text:
        text = _ESCAPE.sub(byte, text)
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise ValueError(f"{text[error.start]!r} is no byte") from None


def string_literal(data: bytes) -> str:
    """A string literal for the bytes, quotation marks included."""
    return '"' + "".join(_literal_byte(code) for code in data) + '"'


def _literal_byte(code: int) -> str:
    if code in (34, 92):
        return "\\" + chr(code)
    return chr(code) if 32 <= code < 127 else f"\\x{code:03x}"


def data_remark(data: bytes) -> str:
    """The comment that repeats a datagram's bytes for the reader's eye."""
    return '(*"' + "".join(chr(c) if 32 <= c < 127 and c != 34 else f"\\x{c:03x}" for c in data) + '"*)'
