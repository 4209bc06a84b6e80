"""`netoracle convert`: a trace from a capture and a log of sockets calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path
from typing import Literal

import typer

from netoracle.exit_status import Exit
from netoracle.report.files import write_whole
from netoracle.scenario import UsageError
from netoracle.trace import print_hol
from netoracle.trace.convert import Recording, convert
from netoracle.trace.files import read_bytes
from netoracle.trace.model import TraceError
from netspec.base.base_types import Ip

Side = Literal["client", "server"]

_FILES: Mapping[Side, tuple[str, str]] = {
    "client": ("capture.pcap", "api-client.jsonl"),
    "server": ("capture-server.pcap", "api-server.jsonl"),
}
"""The capture and the calls of each side in the folder of a scenario."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to convert: a scenario's folder and the side, or files and the host's address."""

    folder: Path | None
    side: Side
    capture: Path | None
    calls: Path | None
    host: str | None
    routed: bool
    ephemeral: tuple[int, int]
    lines: tuple[int, int] | None


def run(options: Options, output: Path | None) -> int:
    """Write the trace to a file, or print it."""
    recording = _recording(options)
    trace = convert(recording)
    try:
        text = print_hol(trace)
    except ValueError as error:
        raise UsageError(f"{recording.capture}: the HOL trace language cannot say this: {error}") from None
    if output is None:
        typer.echo(text)
    else:
        write_whole(output, text.encode("latin-1", "replace"))
    return Exit.CONFORMS


def _recording(options: Options) -> Recording:
    if options.folder is not None:
        if options.capture or options.calls or options.host:
            raise UsageError("expected a folder, or --pcap and --host, found both")
        return _of_folder(options.folder, options)
    if options.capture is None or options.host is None:
        raise UsageError("expected a folder, or --pcap and --host")
    try:
        interface = IPv4Interface(options.host if "/" in options.host else f"{options.host}/24")
    except ValueError as error:
        raise UsageError(f"--host: {error}") from None
    return Recording(
        str(options.capture),
        None if options.calls is None else str(options.calls),
        Ip(int(interface.ip)),
        interface.network.prefixlen,
        options.routed,
        options.ephemeral,
        options.lines,
        f"recorded by {options.capture.name}" + ("" if options.calls is None else f" and {options.calls.name}"),
    )


def _of_folder(folder: Path, options: Options) -> Recording:
    """The recording of one side of a scenario; a side that made no calls has no log."""
    described = folder / "scenario.json"
    part = "" if options.lines is None else f", calls {options.lines[0]} to {options.lines[1]}"
    try:
        scenario = json.loads(read_bytes(described))
        address = Ip(int(IPv4Address(scenario[options.side]["ip"])))
        title = f"{scenario['name']}, {options.side}{part}: {scenario['description']}"
        routed = scenario["link"] == "router"
    except (ValueError, KeyError, TypeError) as error:
        raise TraceError(str(described), None, None, f"expected a scenario: {error!r}") from None
    capture, calls = (folder / name for name in _FILES[options.side])
    return Recording(
        str(capture),
        str(calls) if calls.exists() else None,
        address,
        routed=routed,
        ephemeral=options.ephemeral,
        lines=options.lines,
        title=title,
    )
