"""How far a search is, shown on a terminal and nowhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from netoracle.modelcheck.explore import Space

S = TypeVar("S", bound=Hashable)
_EVERY: Final = 0.25


@contextmanager
def shown_progress() -> Iterator[Callable[[Space[S]], None] | None]:
    """What to call after each state; None where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    console = Console(stderr=True)
    began = time.perf_counter()
    with console.status("") as status:
        last = 0.0

        def show(space: Space[S]) -> None:
            nonlocal last
            now = time.perf_counter()
            if now - last >= _EVERY:
                last = now
                found = len(space.keys)
                rate = found / (now - began)
                status.update(f"{found} states of {space.generated} steps, depth {space.depth}, {rate:.0f} states/s")

        yield show
