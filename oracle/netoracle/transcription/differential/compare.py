"""A definition of the text and its function, on generated arguments."""

from __future__ import annotations

import importlib
import inspect
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from typing import Any, Final, TypeVar, get_type_hints

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from netoracle.certificate.recorded import can_succeed
from netoracle.symbolic import run as symbolic
from netoracle.symbolic.store import Store
from netoracle.transcription import syntax as s
from netoracle.transcription.differential.arguments import Strategy, of
from netoracle.transcription.differential.shapes import LEFT_OUT, OPERATORS, SHAPES, Shape
from netoracle.transcription.evaluate.goals import Formula
from netoracle.transcription.evaluate.names import binder_names
from netoracle.transcription.evaluate.proof import Machine
from netoracle.transcription.evaluate.theory import Theory
from netoracle.transcription.evaluate.values import NotEvaluated, Unknown, Unspecified, Value
from netoracle.transcription.reader import read_term
from netoracle.transcription.sources import python_objects
from netoracle.transcription.steps import Noted
from netspec.base.choose import Choose, PremiseFailed, require

T = TypeVar("T")

SECONDS: Final = 5
"""The most time for one tuple of arguments."""


ATTEMPTS: Final = 30
"""How many times choices are made until the function returns."""


@dataclass(frozen=True)
class Subject:
    """A definition, the function or constant that transcribes it, and how they correspond."""

    name: str
    file: str
    python: str
    function: Any
    shape: Shape
    parameters: tuple[str, ...]
    strategy: Strategy


@dataclass
class Result:
    """What came out for a definition, by kind of outcome, with the reasons and the first disagreement."""

    name: str
    file: str
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    disagreement: str = ""


class Chosen:
    """Choices at random, from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def boolean(self, name: str) -> bool:
        """Any truth value, but for what infinite resources rule out."""
        return name == "queued" or self.random.random() < 0.5

    def one_of(self, name: str, options: Iterable[T]) -> T:
        """Any member."""
        members = tuple(options)
        require(bool(members))
        return self.random.choice(members)

    def integer(self, name: str, lo: int, hi: int | None) -> int:
        """Any integer, often an end of the range."""
        top = lo + 1000 if hi is None else hi
        require(lo <= top)
        return self.random.choice((lo, top, self.random.randint(lo, top)))

    def real(self, name: str, lo: Fraction, hi: Fraction) -> Fraction:
        """Any real, often an end of the range."""
        require(lo <= hi)
        return self.random.choice((lo, hi, (lo + hi) / 2))

    def data(self, name: str) -> bytes:
        """A few bytes."""
        return bytes(self.random.randrange(256) for _ in range(self.random.randrange(4)))

    def fresh(self, name: str, make: Callable[[int], T], used: Collection[T]) -> T:
        """One of the least unused identifiers."""
        unused = (make(n) for n in count() if make(n) not in used)
        for _ in range(self.random.randrange(3)):
            next(unused)
        return next(unused)

    def possible(self, rule: Callable[[Choose], object]) -> bool:
        """Whether some choices let a rule succeed."""
        return can_succeed(rule)


# -- what is compared -------------------------------------------------------------------------------


def subjects(theory: Theory) -> tuple[list[Subject], dict[str, str]]:
    """The definitions that can be compared, and the others with the reason."""
    found: list[Subject] = []
    left_out: dict[str, str] = {}
    for python, sourced in sorted(python_objects().items()):
        for origin in sourced.origins:
            definition = theory.definitions.get(origin.name)
            if definition is None or sourced.kind not in ("function", "constant"):
                continue
            try:
                found.append(_subject(definition, origin.file, python))
            except TypeError as reason:
                left_out[definition.name] = str(reason)
    for name, (function, shape) in OPERATORS.items():
        if name in theory.definitions:
            place = theory.definitions[name].place.file
            names = tuple(shape.arguments)
            found.append(Subject(name, place, "", function, shape, names, st.fixed_dictionaries(dict(shape.arguments))))
    left_out.update({name: why for name, why in LEFT_OUT.items() if name in theory.definitions})
    for name in theory.definitions:
        if name not in left_out and all(subject.name != name for subject in found):
            left_out[name] = "the specification has no function of it"
    return found, {name: why for name, why in left_out.items() if all(subject.name != name for subject in found)}


def _subject(definition: s.Definition, file: str, python: str) -> Subject:
    module, _, name = python.rpartition(".")
    function = getattr(importlib.import_module(module), name)
    if definition.name in LEFT_OUT:
        raise TypeError(LEFT_OUT[definition.name])
    if not callable(function) or isinstance(function, type):
        shape = SHAPES.get(definition.name, Shape("value", definition.name))
        return Subject(definition.name, file, python, function, shape, (), st.just({}))
    if function.__module__ != module:
        raise TypeError("the function stands elsewhere")
    parameters = tuple(name for name in inspect.signature(function).parameters if name != "choose")
    shape = (
        SHAPES.get(f"{python} {definition.name}")
        or SHAPES.get(definition.name)
        or _default(definition, parameters, function)
    )
    hints = get_type_hints(function) | {name: hint for name, hint in shape.extra.items() if hint is not None}
    names = (*parameters, *(name for name in shape.extra if name not in parameters))
    strategies = {
        name: shape.arguments[name] if name in shape.arguments else of(hints[name])
        for name in names
        if not (shape.call is not None and name == "the_ststuff")
    }
    return Subject(definition.name, file, python, function, shape, parameters, st.fixed_dictionaries(strategies))


def _default(definition: s.Definition, parameters: tuple[str, ...], function: Any) -> Shape:
    """The definition applied to the parameters in their order, one by one or as a tuple."""
    expected = definition.clauses[0].parameters
    written = {name for parameter in expected for name in binder_names(parameter)}
    named = tuple(p for p in parameters if p != "arch" or "arch" in written or _takes_arch(definition, parameters))
    if "choose" in inspect.signature(function).parameters:
        raise TypeError("it has no template")
    if len(expected) == 1 and isinstance(expected[0], s.Pair) and len(expected[0].items) == len(named) > 1:
        return Shape("value", f"{definition.name} ({','.join(named)})")
    if len(expected) == len(named):
        return Shape("value", " ".join((definition.name, *named)))
    raise TypeError("it has no template")


def _takes_arch(definition: s.Definition, parameters: tuple[str, ...]) -> bool:
    return len(definition.clauses[0].parameters) == len(parameters) and len(definition.clauses) > 1


# -- one tuple of arguments -------------------------------------------------------------------------


class Disagreement(Exception):
    """The text and the function do not say the same."""


FAILED: Final = object()
"""The function raised PremiseFailed."""


def outcome_of(subject: Subject, theory: Theory, arguments: Mapping[str, Any], seed: int) -> str:
    """What the text says of the function's result: a kind of outcome and the reason after a colon.

    Raises Disagreement.
    """
    result, _ = tried(subject, arguments, seed)
    machine = Machine(theory)
    env = {name: value for name, value in arguments.items() if not callable(value)}
    try:
        with _within(SECONDS):
            return _judged(subject, machine, env, arguments, result)
    except Unspecified as reason:
        return f"open: {reason}"
    except (NotEvaluated, Unknown) as reason:
        return f"not evaluated: {reason}"
    except RecursionError:
        return "not evaluated: nested too deeply"


def tried(subject: Subject, arguments: Mapping[str, Any], seed: int) -> tuple[Any, Mapping[str, Sequence[Any]]]:
    """The result of the function with the choices made, or FAILED where none of those tried lets it return."""
    noted = Noted(Chosen(seed))
    for attempt in range(ATTEMPTS):
        noted = Noted(Chosen(seed + attempt))
        try:
            result = called(subject.function, subject.shape, subject.parameters, arguments, noted)
        except PremiseFailed:
            if not noted.values:
                break
        else:
            return result, noted.values
    return FAILED, noted.values


def called(function: Any, shape: Shape, parameters: Sequence[str], arguments: Mapping[str, Any], choose: Choose) -> Any:
    """The result of the function, or the constant itself.  Raises PremiseFailed."""
    if not callable(function):
        return function
    in_order = [arguments[name] for name in parameters if name in arguments]
    if shape.call is not None and "bndlm" in shape.extra:
        more = [arguments[name] for name in shape.extra if name not in ("sock", "bndlm")]
        return shape.call(function, arguments["sock"], arguments["bndlm"], choose, *in_order, *more)
    if shape.call is not None:
        return shape.call(function, *in_order)
    if "choose" in inspect.signature(function).parameters:
        return function(*in_order, choose)
    return function(*in_order)


def _judged(
    subject: Subject, machine: Machine, env: dict[str, Value], arguments: Mapping[str, Any], result: Any
) -> str:
    term = read_term(subject.shape.template)
    match subject.shape.kind:
        case "value":
            _check_value(machine, term, env, result)
        case "predicate":
            holds = machine.holds(term, env)
            if holds is (result is FAILED):
                raise Disagreement(f"the text says {holds}, the function {'fails' if result is FAILED else 'returns'}")
        case "members":
            _check_members(subject, machine, term, env, result)
        case "relation":
            _check_relation(subject, machine, term, env, arguments, result)
    return "agreed"


def _check_value(machine: Machine, term: s.Term, env: dict[str, Value], result: Any) -> None:
    expected = machine.value(term, env)
    if result is FAILED:
        raise Disagreement(f"the text says {expected!r}, the function raises PremiseFailed")
    if not machine.same(expected, result):
        raise Disagreement(f"the text says {expected!r}, the function {result!r}")


def _check_members(subject: Subject, machine: Machine, term: s.Term, env: dict[str, Value], result: Any) -> None:
    expected = machine.value(term, env)
    for element in subject.shape.pool:
        said, found = machine.contains(expected, element), element in result
        if said is not found:
            raise Disagreement(f"{element!r} is {'' if said else 'not '}a member by the text, not so in the function")


def _check_relation(
    subject: Subject,
    machine: Machine,
    term: s.Term,
    env: dict[str, Value],
    arguments: Mapping[str, Any],
    result: Any,
) -> None:
    names = sorted({name for name in _names(term) if name == "r" or (name[0] == "r" and name[1:].isdigit())})
    if result is FAILED:
        for name in names:
            env[name] = machine.store.fresh(name)
        if any(True for _ in machine.solve([Formula(term, env, 0)])) and not _succeeds(subject, arguments):
            raise Disagreement("the text has a result, the function raises PremiseFailed")
        return
    parts = (result,) if names == ["r"] else result
    if len(parts) != len(names):
        raise Disagreement(f"{len(parts)} results, {len(names)} in the template")
    env.update(zip(names, parts, strict=True))
    machine.witnesses = _witnesses(machine, result)
    if not any(True for _ in machine.solve([Formula(term, env, 0)])):
        if machine.guessed:
            raise NotEvaluated("a witness was not found")
        raise Disagreement(f"by the text {result!r} is no result")


def _witnesses(machine: Machine, result: Any) -> dict[str, Any]:
    initial_cb = machine.value(s.Name("initial_cb"), {})
    data = result[0] if isinstance(result, tuple) and result and isinstance(result[0], bytes) else b""
    return {"cb0": [initial_cb], "cb_in": [initial_cb], "rcvdsyn": [True, False], "cs": [tuple(data)]}


def _succeeds(subject: Subject, arguments: Mapping[str, Any]) -> bool:
    """Whether the function returns for some choices."""
    function, shape, parameters = subject.function, subject.shape, subject.parameters
    found = symbolic.outcomes(
        lambda choose: called(function, shape, parameters, arguments, choose), Store(), symbolic.Hints()
    )
    return any(isinstance(outcome, symbolic.Outcome) for outcome in found)


def _names(term: object) -> Iterator[str]:
    if isinstance(term, s.Name):
        yield term.name
    for child in s.children(term):
        yield from _names(child)


@contextmanager
def _within(seconds: int) -> Iterator[None]:
    """Raises NotEvaluated after a time; only in the main thread, elsewhere there is no limit."""

    def stop(signum: int, frame: object) -> None:
        raise NotEvaluated(f"more than {seconds} s")

    try:
        before = signal.signal(signal.SIGALRM, stop)
    except ValueError:
        yield
        return
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


# -- many tuples ------------------------------------------------------------------------------------


def compare(subject: Subject, theory: Theory, examples: int, seconds: float) -> Result:
    """Compare a definition with its function on generated arguments, for as long as `seconds` allow."""
    result = Result(subject.name, subject.file)
    begun = time.monotonic()

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(subject.strategy, st.integers(0, 2**32))
    def run(arguments: dict[str, Any], seed: int) -> None:
        if time.monotonic() - begun > seconds:
            return
        outcome, _, reason = outcome_of(subject, theory, arguments, seed).partition(": ")
        result.outcomes[outcome] += 1
        if reason:
            result.reasons[reason] += 1

    try:
        run()
    except Disagreement as difference:
        result.disagreement = str(difference)
    except Exception as error:
        result.disagreement = f"{type(error).__name__}: {error}"
    return result
