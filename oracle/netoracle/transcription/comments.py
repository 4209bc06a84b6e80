"""Comments of the source files, taken out without moving anything else."""

from __future__ import annotations


def without_comments(text: str) -> str:
    """The text with comments, which nest, replaced by blanks: offsets and lines stay what they were.

    Raises ValueError for a comment that does not end.
    """
    pieces: list[str] = []
    depth = 0
    position = 0
    while position < len(text):
        if depth == 0 and text[position] == '"':
            end = _end_of_string(text, position)
            pieces.append(text[position:end])
            position = end
        elif text.startswith("(*", position):
            depth += 1
            pieces.append("  ")
            position += 2
        elif depth and text.startswith("*)", position):
            depth -= 1
            pieces.append("  ")
            position += 2
        else:
            character = text[position]
            pieces.append(character if depth == 0 or character == "\n" else " ")
            position += 1
    if depth:
        raise ValueError("a comment does not end")
    return "".join(pieces)


def _end_of_string(text: str, start: int) -> int:
    position = start + 1
    while position < len(text) and text[position] not in '"\n':
        position += 2 if text[position] == "\\" else 1
    return min(position + 1, len(text))
