"""The reader of the HOL4 text: operators, binders, updates, declarations, and errors that name the line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netoracle.transcription import syntax as s
from netoracle.transcription.comments import without_comments
from netoracle.transcription.reader import MAX_BYTES, SourceError, read_model, read_source, read_term, read_type


def shape(term: s.Term) -> str:
    """A term with a bracket for every application, binder and update, so that nothing is left to precedence."""
    match term:
        case s.Name(name):
            return name
        case s.Number(value, kind):
            return f"{value}{kind}"
        case s.String(value):
            return f'"{value}"'
        case s.Apply():
            function, arguments = s.spine(term)
            return f"({' '.join(map(shape, (function, *arguments)))})"
        case s.Pair(items):
            return f"({', '.join(map(shape, items))})"
        case s.ListOf(items):
            return f"[{'; '.join(map(shape, items))}]"
        case s.SetOf(items):
            return f"{{{'; '.join(map(shape, items))}}}"
        case s.Comprehension(element, condition):
            return f"{{{shape(element)} | {shape(condition)}}}"
        case s.Record(fields):
            return f"<|{shape_fields(fields)}|>"
        case s.With(record, fields):
            return f"({shape(record)} with {shape_fields(fields)})"
        case s.Field(record, name):
            return f"{shape(record)}.{name}"
        case s.If(condition, then, otherwise):
            return f"(if {shape(condition)} {shape(then)} {shape(otherwise)})"
        case s.Case(scrutinee, arms):
            return f"(case {shape(scrutinee)} {' '.join(f'{shape(a.pattern)}=>{shape(a.value)}' for a in arms)})"
        case s.Let(bindings, body):
            bound = " ".join(f"{shape_all(b.pattern, *b.parameters)}={shape(b.value)}" for b in bindings)
            return f"(let {bound} {shape(body)})"
        case s.Quantified(binder, patterns, domain, body):
            restriction = "" if domain is None else f"::{shape(domain)}"
            return f"({binder}{shape_all(*patterns)}{restriction}. {shape(body)})"
        case s.Annotated(inner, t):
            return f"({shape(inner)}:{s.show_type(t)})"
        case s.TypeArgument(t):
            return f"(:{s.show_type(t)})"
        case s.Transition():
            arrow = "--=>" if term.long else "-->"
            labelled = f"{shape(term.before)} --{shape(term.label)}{arrow} {shape(term.after)}"
            return f"({shape(term.rule)} /{shape(term.protocol)}, {shape(term.category)}/ {labelled})"
    raise AssertionError(term)


def shape_all(*terms: s.Term) -> str:
    return " ".join(map(shape, terms))


def shape_fields(fields: tuple[s.FieldValue, ...]) -> str:
    return "; ".join(f"{f.name} {f.operator} {shape(f.value)}" for f in fields)


TERMS = {
    # precedence and association
    "a /\\ b \\/ c /\\ d": "(\\/ (/\\ a b) (/\\ c d))",
    "a ==> b ==> c": "(==> a (==> b c))",
    "a \\/ b ==> c": "(==> (\\/ a b) c)",
    "x = y /\\ z": "(/\\ (= x y) z)",
    "x + y = z - 1": "(= (+ x y) (- z 1))",
    "a - b - c": "(- (- a b) c)",
    "a + b * c": "(+ a (* b c))",
    "a * b DIV c": "(DIV (* a b) c)",
    "a * b MOD c": "(* a (MOD b c))",
    "a << 2 + b": "(+ (<< a 2) b)",
    "2 EXP n * m": "(* (EXP 2 n) m)",
    "x :: y :: zs": "(:: x (:: y zs))",
    "xs ++ ys ++ zs": "(++ (++ xs ys) zs)",
    "m |+ (k,v) = m'": "(= (|+ m (k, v)) m')",
    "x IN s UNION t": "(IN x (UNION s t))",
    "x IN s = b": "(IN x (= s b))",
    "~a /\\ b": "(/\\ (~ a) b)",
    "~f x": "(~ (f x))",
    "f x y": "(f x y)",
    "f (g x) y": "(f (g x) y)",
    "m ' k = v": "(= (' m k) v)",
    "f x.g y": "(f x.g y)",
    "r.a.b": "r.a.b",
    "a <=> b": "(<=> a b)",
    "$/\\ a b": "(/\\ a b)",
    # literals and collections
    "5n + 6w": "(+ 5n 6w)",
    '[1; 2; 3] ++ ["s"]': '(++ [1; 2; 3] ["s"])',
    "{} UNION {a; b}": "(UNION {} {a; b})",
    "{n | n > 0 /\\ n <= k}": "{n | (/\\ (> n 0) (<= n k))}",
    "(a,b,c)": "(a, b, c)",
    "()": "()",
    # binders
    "?x. P x /\\ Q x": "(?x. (/\\ (P x) (Q x)))",
    "a /\\ !x y. P x y": "(/\\ a (!x y. (P x y)))",
    "?x::s. P x": "(?x::s. (P x))",
    "?(x::s) y. P x y": "(?x::s. (?y. (P x y)))",
    "?y (x::s). P x y": "(?y. (?x::s. (P x y)))",
    "choose b :: {T; F}. P b": "(chooseb::{T; F}. (P b))",
    "\\(a,b). a + b": "(\\(a, b). (+ a b))",
    "!n:num. n >= 0": "(!(n:num). (>= n 0))",
    "@n. n > 5": "(@n. (> n 5))",
    # records and updates
    "<| a := 1; b := c + 2 |>": "<|a := 1; b := (+ c 2)|>",
    "r with <| a := 1; b updated_by f |>": "(r with a := 1; b updated_by f)",
    "r with a := x = y": "(= (r with a := x) y)",
    "r with <| s := t |> = r'": "(= (r with s := t) r')",
    "f r with <| s := t |>": "((f r) with s := t)",
    "x onlywhen b = y": "(= (onlywhen x b) y)",
    # the rest
    "if a then b else c \\/ d": "(if a b (\\/ c d))",
    "a /\\ if b then c else d": "(/\\ a (if b c d))",
    "case x of NONE => 0 | SOME y => y + 1": "(case x NONE=>0 (SOME y)=>(+ y 1))",
    "let x = 1 and y = 2 in x + y": "(let x=1 y=2 (+ x y))",
    "let f a b = a + b in f 1 2": "(let f a b=(+ a b) (f 1 2))",
    "let (a,b) = p in a": "(let (a, b)=p a)",
    "let x = 1 in let y = x in y": "(let x=1 (let y=x y))",
    "x:num + y": "(+ (x:num) y)",
    "(f : num -> bool) x": "((f:num -> bool) x)",
    "CARD (:bool)": "(CARD (:bool))",
    "r /* p, c k */ h with n := 1 -- L x --> h'": "(r /p, (c k)/ (h with n := 1) --(L x)--> h')",
    "r /* p, c */ h -- L --=> h' <== a /\\ b": "(<== (r /p, c/ h --L--=> h') (/\\ a b))",
}


@pytest.mark.parametrize(("text", "expected"), TERMS.items(), ids=TERMS)
def test_terms(text: str, expected: str) -> None:
    assert shape(read_term(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "num": "num",
        "byte list": "byte list",
        "num option option": "num option option",
        "ip # port option # 'a": "ip # port option # 'a",
        "(ip # port) option": "(ip # port) option",
        "(num # bool) list # num": "(num # bool) list # num",
        "fid |-> file": "fid |-> file",
        "num -> num -> bool": "num -> (num -> bool)",
        "(num -> num) -> bool": "(num -> num) -> bool",
        "num # num -> bool": "(num # num) -> bool",
    }.items(),
)
def test_types_are_shown_as_they_are_read(text: str, expected: str) -> None:
    read = read_type(f" {text}")
    assert s.show_type(read) == expected
    assert read_type(f" {s.show_type(read)}") == read


SOURCE = r"""
open HolKernel;
(* a comment (* within a comment *) with `a quotation` and "a string *)
val _ = Hol_datatype `colour = Red | Mixed of num # colour => bool`;
val _ = Hol_datatype `pot = <| paint : colour list;
                               lid   : bool |>`;
val _ = type_abbrev("shelf", ``:pot list``);
val full_def = Phase.phase 1 Define`
  (* whether nothing fits *)
  full (p:pot) n = (LENGTH p.paint >= n)`;
val mix_def = xDefine "mix" `
  (mix Red            x = x) /\
  (mix (Mixed((n,c),b)) x = if b then c else x)`;
val _ = overload_on("+", ``mix``);
val shelf_def = Define`shelf_size : pot list -> num = LENGTH`;
val (rules, ind, cases) = Net_Hol_reln`
   (!h p q.
   close_lid /* rp_all, misc nonurgent */
     h with <| pots := p |>
   -- Lh_tau -->
     h with <| pots := q |>
   <==
     p <> q /\
     (?n. full p n))
/\
   (!h tid. open_lid /* rp_tcp, fast succeed */
     h -- Lh_call (tid,lid) --> h <== T)`;
"""


def test_declarations() -> None:
    source = read_source(SOURCE, "PotsScript.sml")
    colour, pot = source.datatypes
    assert isinstance(colour, s.Datatype) and isinstance(pot, s.RecordType)
    assert [(c.name, [s.show_type(t) for t in c.arguments]) for c in colour.constructors] == [
        ("Red", []),
        ("Mixed", ["num # colour", "bool"]),
    ]
    assert [(name, s.show_type(t)) for name, t in pot.fields] == [("paint", "colour list"), ("lid", "bool")]
    assert [(a.name, s.show_type(a.type)) for a in source.abbreviations] == [("shelf", "pot list")]
    assert [(o.name, shape(o.term)) for o in source.overloads] == [("+", "mix")]


def test_definitions_have_their_clauses_and_parameters() -> None:
    full, mix, size = read_source(SOURCE, "PotsScript.sml").definitions
    assert [list(map(shape, clause.parameters)) for clause in full.clauses] == [["(p:pot)", "n"]]
    assert [list(map(shape, clause.parameters)) for clause in mix.clauses] == [
        ["Red", "x"],
        ["(Mixed ((n, c), b))", "x"],
    ]
    assert size.clauses[0].parameters == ()
    assert size.type is not None and s.show_type(size.type) == "pot list -> num"


def test_rules_have_their_premises_in_order() -> None:
    close_lid, open_lid = read_source(SOURCE, "PotsScript.sml").rules
    assert (close_lid.name, open_lid.name) == ("close_lid", "open_lid")
    assert list(map(shape, close_lid.variables)) == ["h", "p", "q"]
    assert list(map(shape, close_lid.premises)) == ["(<> p q)", "(?n. (full p n))"]
    assert shape(close_lid.transition.category) == "(misc nonurgent)"
    assert shape(open_lid.transition.label) == "(Lh_call (tid, lid))"
    assert list(map(shape, open_lid.premises)) == ["T"]


def test_places_are_those_of_the_file() -> None:
    source = read_source(SOURCE, "PotsScript.sml")
    full = source.definitions[0]
    assert str(full.place) == "PotsScript.sml:10"
    assert SOURCE[full.place.start : full.place.end].startswith("full (p:pot) n")
    premise = source.rules[0].premises[0]
    assert str(premise.place) == "PotsScript.sml:23"
    assert SOURCE[premise.place.start : premise.place.end] == "p <> q"


def test_a_relation_that_is_not_of_hosts_has_its_clauses() -> None:
    text = "val r = Hol_reln`(!n. even n ==> odd (SUC n)) /\\ odd 1 /\\ (!n. odd n ==> even (SUC n))`;"
    source = read_source(text, "TCP1_baseTypesScript.sml")
    assert source.rules == ()
    assert [(r.name, [shape(c.value) for c in r.clauses]) for r in source.relations] == [
        ("odd", ["(even n)", "T"]),
        ("even", ["(odd n)"]),
    ]


def test_comments_nest_and_move_nothing() -> None:
    text = 'a (* b (* c *)\n d *) e "(* f *)"'
    plain = without_comments(text)
    assert plain.split() == ["a", "e", '"(*', "f", '*)"']
    assert len(plain) == len(text)
    assert plain.index("\n") == text.index("\n")


@pytest.mark.parametrize(
    ("text", "message"),
    {
        "val a = Define`f x = x`;\nval b = Define`\n  g x =\n    x + + 1`;": "F.sml:4",
        "val a = Define`f x = (x`;": "F.sml:1: the quotation ends too early",
        "\n\nval a = Define`x IN y`;": "F.sml:3: a definition is an equation",
        "val a = Define`f x = x` (* no end": "F.sml: a comment does not end",
        "val a = Define`f x = x": "F.sml:1: this is not a source file of the model",
        "val r = Net_Hol_reln`\n  (!h. P h)`;": "F.sml:2: a rule is a transition and its premises",
        "val r = Net_Hol_reln`(!h.\n  r /* p, c */ h ==> T)`;": "F.sml:2",
        "\nval a = Define`f = " + "(" * 5000 + "x" + ")" * 5000 + "`;": "F.sml:2: nested too deeply",
        "val a = Define`f = " + "a /\\ " * 5000 + "a`;": "F.sml:1: nested too deeply",
        "val a = Define`f = " + "9" * 41 + "`;": "F.sml:1: a numeral of more than 40 digits",
    }.items(),
    ids=range(10),
)
def test_errors_name_the_line(text: str, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_source(text, "F.sml")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_folder_without_the_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="TCP1_utilsScript"):
        read_model(tmp_path)


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "A.sml").write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(SourceError, match="larger than"):
        read_model(tmp_path, ["A.sml"])


@given(st.text(alphabet="fx (){}[]<|>|;:,.=/\\~!?'`\"*-+1 \n&", max_size=60))
def test_any_quotation_is_read_or_refused_by_line(text: str) -> None:
    try:
        read_source(f"val a = Define`{text}`;", "F.sml")
    except SourceError as error:
        assert str(error).startswith("F.sml:")
