"""The evaluator, on a small theory written for the purpose: no checkout of the model is needed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import immutables
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netoracle.transcription.errors import SourceError
from netoracle.transcription.evaluate.proof import Machine
from netoracle.transcription.evaluate.theory import theory_of
from netoracle.transcription.evaluate.values import AnyOf, Int, NotEvaluated, Unspecified
from netoracle.transcription.reader import read_source, read_term
from netspec.base.seq32 import Seq32, TcpLocal
from netspec.tcp.params import SID
from netspec.tcp.pre_host_types import SocketListen

TEXT = r"""
val _ = Hol_datatype `socket_listen = <| q0 : sid list; q : sid list; qlimit : int |>`;
val _ = Hol_datatype `sid = SID of num`;
val _ = Hol_datatype `fd = FD of num`;
val _ = Hol_datatype `err = OK of 'a | FAIL of error`;
val _ = Hol_datatype `TLang = TL_int of int | TL_fd of fd | TL_err of TLang err`;
val double_def = Define `double n = 2 * n`;
val count_def = Define `(count [] = 0) /\ (count (x::xs) = 1 + count xs)`;
val rest_def = Define `rest b xs ys = if b then ?x. xs = x :: ys else ys = xs`;
val above_def = Define `above k = { n | n > k }`;
val ok_fd_def = Define `ok_fd v = TL_err (OK (TL_fd v))`;
val ok_int_def = Define `ok_int v = TL_err (OK (TL_int v))`;
val _ = overload_on("OK", ``ok_fd``);
val _ = overload_on("OK", ``ok_int``);
"""

THEORY = theory_of([read_source(TEXT, "small.sml")])
LIS = SocketListen((SID(1), SID(2)), (), 5)


def value(term: str, **names: Any) -> Any:
    return Machine(THEORY).value(read_term(term), names)


def holds(formula: str, **names: Any) -> bool:
    return Machine(THEORY).holds(read_term(formula), names)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("3 - 5", 0),
        ("2 EXP 10 DIV 3 MOD 7", 1024 // (3 % 7)),
        ("double (double 3)", 12),
        ("count [7; 8; 9]", 3),
        ("LENGTH (APPEND [1] [2; 3])", 3),
        ("if 1 < 2 /\\ ~(2 < 1) then 5 else 6", 5),
        ("case SOME 3 of NONE => 0 | SOME n => n + 1", 4),
        ("let (a,b) = (1,2) and c = 3 in a + b + c", 6),
        ("FILTER (\\n. n > 1) [1; 2; 3]", (2, 3)),
        ("MAP double [1; 2]", (2, 4)),
        ("LEAST n. n * n > 10", 4),
        ("@x. x = 3", 3),
        ("CARD {1; 2; 2}", 2),
        ("THE (SOME 4)", 4),
        ("FST (1,2,3) + SND (4,5)", 6),
        ("option_CASE NONE 7 I", 7),
        ("OPTION_MAP double (SOME 2)", 4),
    ],
)
def test_values(term: str, expected: object) -> None:
    assert value(term) == expected


def test_integers_do_not_stop_at_zero() -> None:
    assert value("i - 5", i=Int(3)) == -2
    assert value("int_of_num 3 - int_of_num 5") == -2


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_sequence_numbers_wrap(n: int, m: int) -> None:
    s, t = Seq32(TcpLocal, n), Seq32(TcpLocal, m)
    assert value("s - t", s=s, t=t) == s - t
    assert value("s < t", s=s, t=t) is (s < t)
    assert value("(s + 5) - s", s=s) == 5


def test_records() -> None:
    assert value("lis with <| q0 := []; q := [SID 3] |>", lis=LIS) == SocketListen((), (SID(3),), 5)
    assert value("(lis with q0 := [SID 9]).q0", lis=LIS) == (SID(9),)
    assert value("lis with <| q updated_by [SID 4] onlywhen b |>", lis=LIS, b=False) == LIS
    assert value("lis.qlimit - 9", lis=LIS) == -4, "the limit is an integer"


def test_finite_maps() -> None:
    fm = immutables.Map({1: "a", 2: "b"})
    assert value("fm |+ (3,c)", fm=fm, c="c") == fm.set(3, "c")
    assert value("fm \\\\ 1", fm=fm) == fm.delete(1)
    assert value("FDOM (fm |++ [(3,c); (1,c)])", fm=fm, c="c") == {1, 2, 3}
    assert value("DRESTRICT fm {1; 9}", fm=fm) == immutables.Map({1: "a"})
    assert value("RRESTRICT fm {b}", fm=fm, b="b") == immutables.Map({2: "b"})
    assert holds("?(k,v) :: fm. k > 1 /\\ v = b", fm=fm, b="b")
    assert not holds("?(k,v) :: (fm \\\\ 2). v = b", fm=fm, b="b")
    assert holds("?((k,v) :: fm) n. v = b /\\ n = k + 1 /\\ n = 3", fm=fm, b="b")


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("?x y. APPEND x [y] = [1; 2; 3] /\\ y = 3", True),
        ("?x. x = 3 /\\ x < 2", False),
        ("?x. SUC x = 4 /\\ double x = 6", True),
        ("?x. OPTION_MAP SUC x = SOME 4 /\\ x = SOME 3", True),
        ("!x. x IN {1; 2} ==> x < 3", True),
        ("!x. x IN {1; 2} ==> x < 2", False),
        ("!n. n < 4 ==> n * n < 10", True),
        ("~(?x. x IN {1; 2} /\\ x > 2)", True),
        ("3 IN above 2 /\\ 3 NOTIN above 3", True),
        ("3 IN (above 2 INTER {3; 4}) DIFF {4}", True),
        ("BIGUNION {{1}; {2; 3}} = {1; 2; 3}", True),
        ("?ys. rest T [1; 2] ys /\\ ys = [2]", True),
        ("?ys. rest T [1; 2] ys /\\ ys = [1]", False),
        ("?y :: {1; 2}. y + y = 4", True),
        ("F /\\ THE NONE = 1", False),
        ("T \\/ THE NONE = 1", True),
    ],
)
def test_formulas(formula: str, expected: bool) -> None:
    assert holds(formula) is expected


def test_a_record_is_taken_apart() -> None:
    formula = read_term("?r a b. lis = r with <| q0 := APPEND a (s :: b) |>")
    assert Machine(THEORY).solutions(formula, {"lis": LIS}, ["s"]) == [(SID(1),), (SID(2),)]


def test_a_negation_does_not_choose_for_what_encloses_it() -> None:
    assert holds("?x. ~(x = 1) /\\ x = 2")
    assert not holds("?x. ~(?y. y = x) /\\ x = 2")


def test_an_overloaded_name_has_any_of_its_meanings() -> None:
    assert isinstance(value("OK (FD 3)"), AnyOf)
    assert holds("OK (FD 3) = TL_err (ok) ==> T", ok=None)
    assert holds("?fd. OK fd = ok_fd (FD 3) /\\ fd = FD 3")
    assert not holds("?fd. OK fd = ok_fd (FD 3) /\\ fd = FD 4")


@pytest.mark.parametrize(
    "term", ["THE NONE", "HD []", "EL 3 [1]", "Num i", "fm ' 9", "@x. x IN {1; 2}", "5 DIV 0", "ARB"]
)
def test_what_hol_leaves_open_has_no_value(term: str) -> None:
    with pytest.raises(Unspecified):
        value(term, i=Int(-1), fm=immutables.Map())


@pytest.mark.parametrize("formula", ["?n. n > 5", "?f. f 1 = 2"])
def test_what_nothing_determines_is_not_evaluated(formula: str) -> None:
    with pytest.raises(NotEvaluated):
        holds(formula)


@given(st.text(alphabet="abcxyz ()[]{}<>|/\\=~:;.,'!?@\"`0123456789\n", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (read_term, lambda text: read_source(f"val x_def = Define `{text}`;", "any.sml")):
        with suppress(SourceError):
            read(text)
