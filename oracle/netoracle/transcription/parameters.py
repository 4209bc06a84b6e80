"""The parameters of a definition of the text compared with those of the function that transcribes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netoracle.transcription.inventory import Parameter

ADDED = ("choose", "arch")
"""What functions take besides: what settles that which the text leaves open, and the architecture."""


def agree(text: tuple[Parameter, ...], python: tuple[str, ...]) -> bool:
    """Whether parameters are those of the text, by the conventions.

    Names are the text's, with underscores for primes.  What the text matches with a pattern has
    any name, and so has a tuple that is taken whole.  Results are returned: names with primes,
    or tuples of such, may be absent.  `choose` and `arch` may be there besides.
    """
    names = set(_flat(text))
    without_choose = tuple(name for name in python if name in names or name != "choose")
    without_either = tuple(name for name in python if name in names or name not in ADDED)
    return _matches(text, without_choose) or _matches(text, without_either)


def plain(name: str) -> str:
    """A name without its primes, or without the underscores that stand for them."""
    return name.rstrip("_'")


def _flat(parameters: Iterable[Parameter]) -> Iterator[str | None]:
    for one in parameters:
        if isinstance(one, tuple):
            yield from _flat(one)
        else:
            yield one


def _matches(text: tuple[Parameter, ...], python: tuple[str, ...]) -> bool:
    if not text:
        return not python
    first, rest = text[0], text[1:]
    if _is_result(first) and _matches(rest, python):
        return True
    if isinstance(first, tuple):
        return _matches((*first, *rest), python) or (bool(python) and _matches(rest, python[1:]))
    return bool(python) and (first is None or plain(first) == plain(python[0])) and _matches(rest, python[1:])


def _is_result(parameter: Parameter) -> bool:
    if isinstance(parameter, tuple):
        return bool(parameter) and all(map(_is_result, parameter))
    return parameter is not None and parameter.endswith("'")
