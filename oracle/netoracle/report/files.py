"""Writing reports: whole files or none."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


class CannotWrite(Exception):
    """A file that cannot be written; the message names it."""


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it is there whole or not at all.  Raises CannotWrite."""
    data = content.encode() if isinstance(content, str) else content
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise CannotWrite(f"{path}: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError as error:
        os.unlink(name)
        raise CannotWrite(f"{path}: {error.strerror}") from None
