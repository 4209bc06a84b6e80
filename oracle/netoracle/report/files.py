"""Writing reports: whole files or none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class CannotWrite(Exception):
    """A file that cannot be written; the message names it."""


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A file to write, that is there under its name once all of it is written, else not at all.  Raises CannotWrite."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise CannotWrite(f"{path}: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError as error:
        os.unlink(name)
        raise CannotWrite(f"{path}: {error.strerror}") from None
    except BaseException:
        os.unlink(name)
        raise


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it is there whole or not at all.  Raises CannotWrite."""
    with writing(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)
