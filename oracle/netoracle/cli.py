"""The command line."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from netoracle.commands import transcription
from netoracle.exit_status import Exit

if TYPE_CHECKING:
    from netoracle.scenario import Switches

app = typer.Typer(
    name="netoracle",
    help="Could a correct host have produced this trace?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(transcription.app, name="transcription")


Files = Annotated[list[Path], typer.Argument(help="Traces to check.", show_default=False)]
File = Annotated[Path, typer.Argument(help="A trace.", show_default=False)]
ProfileName = Annotated[
    str | None,
    typer.Option("--profile", help="The implementation to hold the host to; by default the one that the trace names."),
]


class Side(StrEnum):
    """The sides of a scenario."""

    CLIENT = "client"
    SERVER = "server"


class Vantage(StrEnum):
    """Where a capture was taken."""

    HOST = "host"
    INTERFACE = "interface"
    PATH = "path"


class Rules(StrEnum):
    """The rules by which TCP in captures is judged."""

    WIRE = "wire"
    HOST = "host"


class TraceFormat(StrEnum):
    """The formats of traces."""

    AUTO = "auto"
    HOL = "hol"
    UTCP_LOG = "utcp-log"


FormatName = Annotated[TraceFormat, typer.Option("--format", help="The format of the traces.")]
States = Annotated[int, typer.Option("--budget-states", min=1, help="States that a search may visit.")]
Seconds = Annotated[float, typer.Option("--budget-seconds", min=0.001, help="Wall time that a search may take.")]
Megabytes = Annotated[int, typer.Option("--budget-megabytes", min=64, help="Memory that the process may have, MiB.")]
With = Annotated[
    list[str] | None,
    typer.Option("--with", help="Switch on an erratum, or a deviation of the profile; may be repeated."),
]
Without = Annotated[
    list[str] | None,
    typer.Option("--without", help="Switch off an erratum, or a deviation of the profile; may be repeated."),
]
Hosts = Annotated[
    list[str] | None,
    typer.Option(
        "--host", help="In captures: judge only the host of this IP address or, of DHCP, MAC address; may be repeated."
    ),
]
VantageName = Annotated[
    Vantage | None,
    typer.Option(
        "--vantage",
        help="Where a capture was taken: in the host, at its interface, or on a path that loses and reorders. By "
        "default TCP is judged as at the interface, and a host that only loss on a path can explain is reported so; "
        "DHCP as on a path.",
    ),
]
Output = Path | None


@app.command()
def check(
    files: Files,
    profile: ProfileName = None,
    on: With = None,
    off: Without = None,
    trace_format: FormatName = TraceFormat.AUTO,
    host: Hosts = None,
    vantage: VantageName = None,
    complete: Annotated[
        bool,
        typer.Option(
            "--complete",
            help="The recorder of a capture missed nothing: what was not recorded was not sent. Needs a vantage "
            "at which nothing is lost.",
        ),
    ] = False,
    log: Annotated[
        Path | None,
        typer.Option("--log", help="µTCP's log of the same time as a capture; a name is also looked up beside it."),
    ] = None,
    rules: Annotated[
        Rules,
        typer.Option(
            "--rules",
            help="In captures: judge TCP by what the wire must show, or by the rules of a host whose calls are "
            "inferred; that explains what they allow, and never ends in a violation.",
        ),
    ] = Rules.WIRE,
    states: States = 200_000,
    seconds: Seconds = 60.0,
    megabytes: Megabytes = 4096,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes to check with.")] = 1,
    json_file: Annotated[Output, typer.Option("--json", help="Write the reports as JSON, one object a line.")] = None,
    html_file: Annotated[Output, typer.Option("--html", help="Write the reports as a page.")] = None,
    junit_file: Annotated[Output, typer.Option("--junit", help="Write the reports as JUnit XML.")] = None,
    certificate: Annotated[
        Output, typer.Option("--certificate", help="Write the certificate (one trace that conforms).")
    ] = None,
    annotated: Annotated[
        Output, typer.Option("--annotate", help="Write the capture as pcapng with the verdict in its comments.")
    ] = None,
) -> None:
    """Check traces and captures: exit status 0 all conform, 1 some violates, 3 some is inconclusive, 2 unusable."""
    from netoracle import captures
    from netoracle.commands import checking
    from netoracle.search.budget import Budget

    in_full = any((json_file, html_file, certificate, annotated))
    options = checking.Options(
        profile,
        _switches(on, off),
        trace_format.value,
        Budget(states, seconds, megabytes),
        jobs,
        json_file,
        html_file,
        junit_file,
        certificate,
        annotated,
        captures.Options(
            tuple(host or ()), vantage.value if vantage else None, in_full, log, rules is Rules.HOST, complete
        ),
    )
    raise typer.Exit(_guarded(lambda: checking.run(files, options)))


@app.command()
def show(file: File, trace_format: FormatName = TraceFormat.AUTO) -> None:
    """Print a trace, readably."""
    from netoracle.commands import showing

    raise typer.Exit(_guarded(lambda: showing.run(file, trace_format.value)))


@app.command("convert")
def convert_recording(
    folder: Annotated[Path | None, typer.Argument(help="The folder of a scenario.", show_default=False)] = None,
    side: Annotated[Side, typer.Option("--side", help="The side of the scenario.")] = Side.CLIENT,
    pcap: Annotated[Path | None, typer.Option("--pcap", help="A capture at the host's interface.")] = None,
    calls: Annotated[Path | None, typer.Option("--calls", help="The log of the host's sockets calls.")] = None,
    host: Annotated[str | None, typer.Option("--host", help="The host's address, such as 10.9.151.1/24.")] = None,
    routed: Annotated[bool, typer.Option("--routed", help="The host has a default route.")] = False,
    ephemeral: Annotated[
        tuple[int, int], typer.Option("--ephemeral", help="The first and the last of the host's ephemeral ports.")
    ] = (32768, 60999),
    lines: Annotated[
        tuple[int, int] | None, typer.Option("--lines", help="The first and the last line of the calls to convert.")
    ] = None,
    output: Annotated[Output, typer.Option("--output", "-o", help="Write the trace to a file.")] = None,
) -> None:
    """Make a HOL trace of one host from a capture and a log of sockets calls."""
    from netoracle.commands import converting

    options = converting.Options(folder, side.value, pcap, calls, host, routed, ephemeral, lines)
    raise typer.Exit(_guarded(lambda: converting.run(options, output)))


@app.command()
def explain(
    file: File,
    profile: ProfileName = None,
    on: With = None,
    off: Without = None,
    trace_format: FormatName = TraceFormat.AUTO,
    host: Hosts = None,
    vantage: VantageName = None,
    states: States = 200_000,
    seconds: Seconds = 60.0,
) -> None:
    """Print the verdict on a trace or capture step by step: the rules, and the state fields that each changed."""
    from netoracle import captures
    from netoracle.commands import explaining

    switches = _switches(on, off)
    options = captures.Options(tuple(host or ()), vantage.value if vantage else None)
    raise typer.Exit(
        _guarded(lambda: explaining.run(file, profile, switches, trace_format.value, states, seconds, options))
    )


@app.command()
def verify(
    certificate: Annotated[Path, typer.Argument(help="A certificate.", show_default=False)],
    file: File,
    on: With = None,
    off: Without = None,
    trace_format: FormatName = TraceFormat.AUTO,
    hol4: Annotated[
        Path | None, typer.Option("--hol4", help="A checkout of the model: judge every step by its HOL4 text.")
    ] = None,
) -> None:
    """Replay a certificate against its trace, with no search: exit status 0 it holds, 1 it does not.

    Errata and deviations are switched as the certificate says; where any are given, it must be for those.
    """
    from netoracle.commands import verifying

    raise typer.Exit(_guarded(lambda: verifying.run(certificate, file, _switches(on, off), trace_format.value, hol4)))


@app.command()
def rules(
    name: Annotated[str | None, typer.Argument(help="A rule.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the rules of the specification with the tests and traces that exercise them, or show one in full."""
    from netoracle.commands import listing

    raise typer.Exit(_guarded(lambda: listing.run(name, as_json)))


@app.command()
def reproduce(
    files: Files,
    recorded: Annotated[Path, typer.Option("--recorded", help="Folder of recorded HOL4 verdicts (JSON).")],
    on: With = None,
    off: Without = None,
    states: States = 200_000,
    seconds: Seconds = 60.0,
) -> None:
    """Compare verdicts and rule paths with those that HOL4's checker recorded."""
    from netoracle.commands import reproducing

    raise typer.Exit(_guarded(lambda: reproducing.run(files, recorded, _switches(on, off), states, seconds)))


@app.command()
def mutants(
    files: Files,
    profile: ProfileName = None,
    on: With = None,
    off: Without = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the changes.")] = 1,
    count: Annotated[int, typer.Option("--count", min=1, help="Mutants in all.")] = 200,
    seconds: Seconds = 20.0,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes to check with.")] = 1,
    host: Annotated[
        str | None,
        typer.Option(
            "--host", help="Of captures: the host whose segments are changed; else each that conforms, and DHCP."
        ),
    ] = None,
    brief: Annotated[bool, typer.Option("--brief", help="Print the figures only.")] = False,
) -> None:
    """Check seeded single changes of conforming traces, and print what became of them."""
    from netoracle.commands import mutating

    raise typer.Exit(
        _guarded(lambda: mutating.run(files, profile, _switches(on, off), seed, count, seconds, jobs, host, brief))
    )


@app.command()
def errata(
    name: Annotated[str | None, typer.Argument(help="An erratum.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the table of docs/errata.md.")] = False,
) -> None:
    """List where the model's text is wrong or doubtful, or show one place in full; `--with` applies it."""
    from netoracle.commands import correcting

    raise typer.Exit(_guarded(lambda: correcting.run(name, as_json, markdown)))


@app.command()
def modelcheck(
    system: Annotated[str, typer.Argument(help="dhcp, or dhcp-judged, -allowed, -late, -behind.", show_default=False)],
    clients: Annotated[int, typer.Option("--clients", help="Clients.")] = 2,
    servers: Annotated[int, typer.Option("--servers", help="Servers.")] = 1,
    pool: Annotated[int, typer.Option("--pool", help="Addresses of each server.")] = 2,
    relay: Annotated[bool, typer.Option("--relay", help="A relay is between clients and servers.")] = False,
    release: Annotated[bool, typer.Option("--release", help="Clients may release their leases.")] = False,
    reboot: Annotated[bool, typer.Option("--reboot", help="Clients may start again with their lease.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Clients may start again without it.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Servers may start again.")] = False,
    conflict: Annotated[bool, typer.Option("--conflict", help="Another host may have the first address.")] = False,
    loss: Annotated[bool, typer.Option("--loss", help="Messages may be lost.")] = False,
    duplicate: Annotated[bool, typer.Option("--duplicate", help="Messages may arrive twice.")] = False,
    reorder: Annotated[bool, typer.Option("--reorder", help="Messages may arrive out of order.")] = False,
    delay: Annotated[int, typer.Option("--delay", help="Ticks that a message may take; a lease is 3 ticks.")] = 0,
    any_delay: Annotated[bool, typer.Option("--any-delay", help="Messages may take any time.")] = False,
    impatient: Annotated[bool, typer.Option("--impatient", help="Clients may repeat themselves at once.")] = False,
    capacity: Annotated[int | None, typer.Option("--capacity", help="Messages on their way at most.")] = None,
    drift: Annotated[int, typer.Option("--drift", help="Ticks by which a client's clock may be late.")] = 0,
    grace: Annotated[int, typer.Option("--grace", help="Ticks for which servers keep leases that ended.")] = 0,
    profile: Annotated[str | None, typer.Option("--profile", help="An implementation, or one deviation.")] = None,
    properties: Annotated[
        list[str] | None, typer.Option("--property", help="Check this property; may be repeated. By default all.")
    ] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Keep whole states, not fingerprints.")] = False,
    states: Annotated[int, typer.Option("--budget-states", min=1, help="States that may be found.")] = 1_000_000,
    seconds: Seconds = 300.0,
    megabytes: Megabytes = 4096,
    trace: Annotated[Output, typer.Option("--trace", help="Write the first counterexample as a run.")] = None,
    capture: Annotated[Output, typer.Option("--capture", help="Write it as a capture, of a judged network.")] = None,
    json_file: Annotated[Output, typer.Option("--json", help="Write the report as JSON.")] = None,
) -> None:
    """Check a system of the specification: exit status 0 all properties hold, 1 some does not, 3 a budget ran out."""
    from netoracle.commands import modelchecking
    from netoracle.search.budget import Budget

    options = {
        "clients": clients,
        "servers": servers,
        "pool": pool,
        "relay": relay,
        "release": release,
        "reboot": reboot,
        "forget": forget,
        "restart": restart,
        "conflict": conflict,
        "loss": loss,
        "duplicate": duplicate,
        "reorder": reorder,
        "delay": delay,
        "any_delay": any_delay,
        "impatient": impatient,
        "capacity": capacity,
        "drift": drift,
        "grace": grace,
        "profile": profile,
    }
    budget = Budget(states, seconds, megabytes)
    chosen = tuple(properties or ())
    files = modelchecking.Files(trace, capture, json_file)
    raise typer.Exit(_guarded(lambda: modelchecking.run(system, options, chosen, budget, exact, files)))


def _switches(on: list[str] | None, off: list[str] | None) -> Switches:
    from netoracle.scenario import Switches

    return Switches(tuple(on or ()), tuple(off or ()))


def _guarded(action: Callable[[], int]) -> int:
    """Run a command; what cannot be used ends in one line on standard error and status 2."""
    from netoracle.certificate.model import CertificateError
    from netoracle.report.files import CannotWrite
    from netoracle.scenario import UsageError
    from netoracle.trace.model import TraceError
    from netoracle.transcription.errors import SourceError

    try:
        return action()
    except (TraceError, UsageError, CertificateError, CannotWrite, SourceError) as error:
        typer.echo(str(error), err=True)
        return Exit.UNUSABLE


def main() -> NoReturn:
    """Run the command line."""
    try:
        app()
    except Exception:
        traceback.print_exc()
        raise SystemExit(Exit.INTERNAL) from None
    raise SystemExit(Exit.CONFORMS)
