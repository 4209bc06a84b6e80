"""A picture of the index: a row for each chapter, a column for each rule, the higher the more traces."""

from __future__ import annotations

from netoracle.coverage.index import Chapter, Entry

_BARS = "▁▂▃▄▅▆▇█"
_NO_TRACE, _NO_TEST = "·", "!"
KEY = f"{_BARS[0]} one trace, {_BARS[-1]} the most; {_NO_TRACE} tests only; {_NO_TEST} no test"


def bar(one: Entry, most: int) -> str:
    """The character for a rule, where `most` traces exercise the rule that most do."""
    if not one.traces:
        return _NO_TRACE if one.tests.allowing.tests or one.tests.forbidding.tests else _NO_TEST
    return _BARS[(len(_BARS) - 1) * (len(one.traces) - 1) // max(most - 1, 1)]


def rows(chapters: tuple[Chapter, ...]) -> list[tuple[str, str, str]]:
    """For each chapter its name, the bars of its rules, and how many of them some trace exercises."""
    most = max((len(one.traces) for chapter in chapters for one in chapter.entries), default=0)
    return [
        (
            chapter.name,
            "".join(bar(one, most) for one in chapter.entries),
            f"{sum(bool(one.traces) for one in chapter.entries)} of {len(chapter.entries)}",
        )
        for chapter in chapters
    ]


def text(chapters: tuple[Chapter, ...]) -> str:
    """The picture as lines of text."""
    table = rows(chapters)
    names, bars = (max((len(row[column]) for row in table), default=0) for column in (0, 1))
    return "\n".join(f"{name:<{names}}  {cells:<{bars}}  {count}" for name, cells, count in table)
