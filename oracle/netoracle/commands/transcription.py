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


def _guarded(action: Callable[[], int]) -> int:
    from netoracle.report.files import CannotWrite
    from netoracle.transcription.errors import SourceError

    try:
        return action()
    except (SourceError, CannotWrite) as error:
        typer.echo(str(error), err=True)
        return Exit.UNUSABLE
