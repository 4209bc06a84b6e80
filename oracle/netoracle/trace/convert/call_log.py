"""Logs of sockets calls: a JSON object a line, written by the program that made the calls.

Every line has `t0` and `t1`, when the call began and returned (nanoseconds of the clock that the capture has
too), `pid`, `op`, the call's name, `fd`, `ret`, what it returned (-1 for an error), and `err`, the error's name.
Further ones depend on the call: `addr`, `local`, `from` and `peer` (`address:port`), `len`, `off`, `flags`,
`listener`, `opt`, `val`, `revents`; `cmd` is the instruction that the program was given, in words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from os import PathLike, fspath

from netoracle.trace.files import read_bytes
from netoracle.trace.model import TraceError
from netspec.base.base_types import FD, Ip, Port


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a log; `began` and `returned` are in seconds."""

    path: str
    line: int
    began: Fraction
    returned: Fraction
    pid: int
    op: str
    fields: Mapping[str, object]

    def fail(self, message: str) -> TraceError:
        """The error that this line is at fault."""
        return TraceError(self.path, self.line, 1, message)

    def integer(self, name: str, default: int | None = None) -> int:
        """A field that is an integer."""
        value = self.fields.get(name, default)
        if type(value) is not int:
            raise self.fail(f"expected an integer {name!r}, found {value!r}")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """A field that is a string."""
        value = self.fields.get(name, default)
        if not isinstance(value, str):
            raise self.fail(f"expected a string {name!r}, found {value!r}")
        return value

    @property
    def words(self) -> list[str]:
        """What the program was told to do with the socket, after the socket's name and the call's."""
        return self.text("cmd").split()[2:]

    @property
    def failed(self) -> bool:
        """Whether the call returned an error."""
        return self.integer("ret") < 0

    def descriptor(self, name: str = "fd") -> FD:
        """A field that is a descriptor."""
        return FD(self.integer(name))

    def endpoint(self, name: str) -> tuple[Ip, Port]:
        """A field that is an address and a port."""
        address, _, port = self.text(name).rpartition(":")
        octets = address.split(".")
        if len(octets) != 4 or not all(part.isdecimal() and int(part) < 256 for part in octets):
            raise self.fail(f"expected an IPv4 address and a port as {name!r}")
        if not port.isdecimal() or int(port) > 65535:
            raise self.fail(f"expected an IPv4 address and a port as {name!r}")
        return Ip(int.from_bytes(bytes(map(int, octets)))), Port(int(port))

    def optional_endpoint(self, name: str) -> tuple[Ip, Port] | None:
        """The same where the line has it, None where it has none or the port is 0."""
        if name not in self.fields:
            return None
        endpoint = self.endpoint(name)
        return endpoint if endpoint[1].n else None


def read_calls(path: str | PathLike[str]) -> tuple[Record, ...]:
    """Read a log of sockets calls, gzipped or not.

    Raises TraceError, naming the line, where it is none.
    """
    name = fspath(path)
    lines = read_bytes(name).decode("utf-8", "replace").splitlines()
    return tuple(_record(name, number, line) for number, line in enumerate(lines, 1) if line.strip())


def _record(path: str, number: int, line: str) -> Record:
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise TraceError(path, number, 1, f"no JSON: {error}") from None
    if not isinstance(fields, dict):
        raise TraceError(path, number, 1, "expected a JSON object")
    began, returned, pid, op = (fields.get(name) for name in ("t0", "t1", "pid", "op"))
    if type(began) is not int or type(returned) is not int or type(pid) is not int or not isinstance(op, str):
        raise TraceError(path, number, 1, "expected a call's 't0', 't1', 'pid' and 'op'")
    return Record(path, number, Fraction(began, 10**9), Fraction(returned, 10**9), pid, op, fields)
