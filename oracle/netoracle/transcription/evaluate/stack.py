"""Room for recursion: the text defines its functions on lists recursively, item by item."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

STACK: Final = 512 * 1024 * 1024
"""Bytes of the thread's stack; only what is used of it takes memory."""

DEPTH: Final = 100_000
"""How deep calls may nest in it."""


def with_deep_stack(function: Callable[[], T]) -> T:
    """The result of a function, or what it raises, with room for deep recursion."""
    results: list[T] = []
    raised: list[BaseException] = []

    def work() -> None:
        try:
            results.append(function())
        except BaseException as error:  # it is raised again in the caller's thread
            raised.append(error)

    limit, size = sys.getrecursionlimit(), threading.stack_size(STACK)
    sys.setrecursionlimit(max(limit, DEPTH))
    try:
        thread = threading.Thread(target=work, name="evaluation")
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
    if raised:
        raise raised[0]
    return results[0]
