"""`netoracle transcription`: the specification against the HOL4 text that it transcribes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from netoracle.exit_status import Exit

app = typer.Typer(
    help="Compare the specification with the HOL4 text that it transcribes.", no_args_is_help=True, add_completion=False
)

Text = Annotated[Path, typer.Argument(help="A checkout of the model.", show_default=False)]
Output = Path | None


@app.command()
def check(
    text: Annotated[
        Path | None, typer.Argument(help="A checkout of the model; by default the kept inventory.", show_default=False)
    ] = None,
    branch: Annotated[bool, typer.Option("--branch", help="The text is the branch FreeBSD-CURRENT.")] = False,
    json_file: Annotated[Output, typer.Option("--json", help="Write the comparison as JSON.")] = None,
) -> None:
    """List what is missing, extra or different: exit status 0 nothing without a reason, 1 something, 2 unusable."""
    from netoracle.commands import comparing

    raise typer.Exit(_guarded(lambda: comparing.run(text, branch, json_file)))


@app.command()
def inventory(
    text: Text, output: Annotated[Output, typer.Option("--output", "-o", help="The file to write.")] = None
) -> None:
    """Write what the text declares as JSON: rules, definitions, types, with their categories and fields."""
    from netoracle.commands import comparing

    raise typer.Exit(_guarded(lambda: comparing.write_inventory(text, output)))


@app.command()
def steps(
    text: Text,
    files: Annotated[list[Path], typer.Argument(help="Traces.", show_default=False)],
    profile: Annotated[str | None, typer.Option("--profile", help="The profile; by default the trace's own.")] = None,
    seconds: Annotated[float, typer.Option("--budget-seconds", help="Seconds for the check of each trace.")] = 60.0,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="How many processes.")] = 1,
    json_file: Annotated[Output, typer.Option("--json", help="Write what the text says of each step as JSON.")] = None,
) -> None:
    """Check traces and judge each step of their certificates: 0 all confirmed, 1 some contradicted, 3 not evaluated."""
    from netoracle.commands import judging

    raise typer.Exit(_guarded(lambda: judging.run(text, files, profile, seconds, jobs, json_file)))


@app.command()
def evaluate(
    text: Text,
    definitions: Annotated[
        list[str] | None, typer.Option("--definition", help="A definition, may be given again; by default all.")
    ] = None,
    examples: Annotated[int, typer.Option("--examples", min=1, help="Tuples of arguments for each.")] = 1000,
    seconds: Annotated[float, typer.Option("--seconds", help="The most time for each.")] = 60.0,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="How many processes.")] = 1,
    json_file: Annotated[Output, typer.Option("--json", help="Write the counts as JSON.")] = None,
    vectors: Annotated[Output, typer.Option("--vectors", help="Write arguments and results to this folder.")] = None,
) -> None:
    """Compare definitions with their functions on generated arguments: exit status 0 they agree, 1 some do not."""
    from netoracle.commands import evaluating

    raise typer.Exit(
        _guarded(lambda: evaluating.run(text, definitions or [], examples, seconds, jobs, json_file, vectors))
    )


def _guarded(action: Callable[[], int]) -> int:
    from netoracle.report.files import CannotWrite
    from netoracle.scenario import UsageError
    from netoracle.trace.model import TraceError
    from netoracle.transcription.errors import SourceError

    try:
        return action()
    except (SourceError, CannotWrite, TraceError, UsageError) as error:
        typer.echo(str(error), err=True)
        return Exit.UNUSABLE
