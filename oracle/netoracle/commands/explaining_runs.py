"""`netoracle explain` for a run that model checking wrote: replayed step by step."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from netoracle.exit_status import Exit
from netoracle.modelcheck.result import Outcome
from netoracle.modelcheck.runfile import RunError, is_run, load_run, replay
from netoracle.modelcheck.systems import model_of
from netoracle.report.console import report_console
from netoracle.scenario import UsageError

_SAMPLE = 1000


def is_run_file(path: Path) -> bool:
    """Whether a file claims to be such a run; False where it cannot be read."""
    try:
        with path.open(encoding="utf-8") as file:
            return is_run(file.read(_SAMPLE))
    except (OSError, UnicodeDecodeError):
        return False


def run(path: Path) -> int:
    """Replay a run, print each step with what it changes, and say what it shows.  Raises UsageError."""
    try:
        recorded = load_run(path)
        replayed = replay(recorded, model_of(recorded.system, recorded.options))
    except RunError as error:
        raise UsageError(str(error)) from None
    console, model = report_console(), replayed.model
    console.print(Text(f"{model.title}: {replayed.property.name}: {replayed.property.text}", "bold"))
    before = model.show(replayed.run.states[0]).splitlines()
    for line in before:
        console.print(Text(f"        {line}", "dim"))
    for number, (step, state) in enumerate(zip(replayed.run.steps, replayed.run.states[1:], strict=True)):
        if number == replayed.run.loop:
            console.print("  from here for ever:")
        console.print(Text(f"  {number + 1:3} {step}"))
        after = model.show(state).splitlines()
        for line in after:
            if line not in before:
                console.print(Text(f"        {line}", "dim"))
        before = after
    violated = replayed.outcome is Outcome.violated
    console.print(f"{path}: replayed: {'violates' if violated else 'shows'} {replayed.property.name}", markup=False)
    return Exit.VIOLATES if violated else Exit.CONFORMS
