"""Constructors applied, records built, updated and asked for a field."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from netoracle.transcription import syntax as s
from netoracle.transcription.evaluate import library
from netoracle.transcription.evaluate.evaluator import Evaluator
from netoracle.transcription.evaluate.theory import Opaque, python_field
from netoracle.transcription.evaluate.values import (
    Constructed,
    Env,
    NotEvaluated,
    Unspecified,
    Value,
    Variable,
    components,
    need,
    tagged,
    walk,
)
from netspec.base import base_types
from netspec.base.errors import Error
from netspec.base.seq32 import Seq32
from netspec.base.signals import Signal
from netspec.tcp.net_types import ICMP, TCP, UDP


class Records(Evaluator):
    """Constructors, records and their fields."""

    def construct(self, function: Constructed, arguments: tuple[Value, ...]) -> Value:
        """A constructor applied to all its arguments."""
        if function.name == "time":
            return Fraction(need(arguments[0]))
        if function.name == "SEQ32":
            return Seq32(need(arguments[0]), int(need(arguments[1])))
        constructor = function.make
        if constructor.python is None:
            return Opaque(function.name, arguments)
        cls = constructor.python
        argument = tagged(walk(arguments[0]), self.theory.expanded(constructor.arguments[0]))
        if function.name == "TL_string":
            argument = library.as_string(argument)
        self._check_tlang(function.name, argument)
        count = len(cls.__dataclass_fields__)
        if count == 1:
            return cls(argument)
        found = components(argument, count)
        if found is None:
            found = self._split_unknown(function.name, walk(argument), count)
        return cls(*found)

    def _split_unknown(self, name: str, argument: Value, count: int) -> tuple[Value, ...]:
        """An argument as a tuple of `count`, where it, or its last component, is unknown as a whole."""
        known = argument[:-1] if isinstance(argument, tuple) and argument else ()
        unknown = walk(argument[-1]) if known else argument
        if not isinstance(unknown, Variable):
            raise NotEvaluated(f"{name} of something that is no tuple of {count}")
        rest = tuple(self.store.fresh(unknown.name) for _ in range(count - len(known)))
        self.store.bind(unknown, rest)
        return (*known, *rest)

    def _check_tlang(self, name: str, argument: Value) -> None:
        """Rule out the meanings of an overloaded constructor whose argument has another type."""
        wanted = TLANG.get(name)
        if wanted is None or isinstance(argument, Variable):
            return
        if isinstance(argument, bool) and wanted is not bool:
            raise NotEvaluated(f"{name} of a truth value")
        if not isinstance(argument, wanted):
            raise NotEvaluated(f"{name} of another type")

    def record(self, term: s.Record, env: Env) -> Value:
        """`<| field := value; ... |>`."""
        found = self.theory.record_of(item.name for item in term.fields)
        if found is None:
            raise Unspecified(f"a record with only the fields {', '.join(item.name for item in term.fields)}")
        record, cls = found
        types = dict(record.fields)
        values = {
            python_field(cls, item.name): self._typed(self.later(item.value, env), types[item.name])
            for item in term.fields
        }
        return cls(**values)

    def _typed(self, value: Value, t: s.HolType) -> Value:
        return tagged(walk(value), self.theory.expanded(t))

    def with_(self, term: s.With, env: Env) -> Value:
        """`record with <| field := value; ... |>`, where a field may also be updated by a function."""
        record = need(self.value(term.record, env))
        declared = self.theory.record_types.get(type(record))
        types = dict(declared.fields) if declared else {}
        changes: dict[str, Value] = {}
        for item in term.fields:
            name = python_field(type(record), item.name)
            if item.operator == ":=":
                new = self.later(item.value, env)
            else:
                new = self._updated_by(item.value, env, getattr(record, name))
            changes[name] = self._typed(new, types[item.name]) if item.name in types else new
        return replace(record, **changes)

    def _updated_by(self, update: s.Term, env: Env, old: Value) -> Value:
        head, arguments = s.spine(update)
        if isinstance(head, s.Name) and head.name == "onlywhen" and "onlywhen" not in env:
            # (x onlywhen b) = if b then K x else I
            return self.later(arguments[0], env) if self.holds(arguments[1], env) else old
        return self.apply(self.value(update, env), (old,))

    def field(self, record: Value, name: str) -> Value:
        """`record.name`."""
        if isinstance(record, TCP | UDP | ICMP) and name in ("is1", "is2"):
            return self.apply(self.declared(f"msg_{name}"), (record,))
        try:
            value = walk(getattr(record, python_field(type(record), name)))
        except AttributeError as error:
            raise Unspecified(f"the field {name}") from error
        declared = self.theory.record_types.get(type(record))
        if declared is not None:
            value = self._typed(value, dict(declared.fields)[name])
        return value


TLANG: Final[dict[str, Any]] = {
    "TL_int": int,
    "TL_bool": bool,
    "TL_string": bytes,
    "TL_one": tuple,
    "TL_pair": tuple,
    "TL_list": tuple,
    "TL_fd": base_types.FD,
    "TL_ip": base_types.Ip,
    "TL_port": base_types.Port,
    "TL_error": Error,
    "TL_netmask": base_types.NETMASK,
    "TL_ifid": base_types.Loopback | base_types.ETH,
    "TL_filebflag": base_types.FileBFlag,
    "TL_sockbflag": base_types.SockBFlag,
    "TL_socknflag": base_types.SockNFlag,
    "TL_socktflag": base_types.SockTFlag,
    "TL_socktype": base_types.SockType,
    "TL_tid": base_types.TID,
    "TL_signal": Signal,
    "TL_err": base_types.Ok | base_types.Fail,
    "TL_option": base_types.TLang | None,
}
"""The types of the arguments of some constructors, by which meanings of OK are told apart."""
