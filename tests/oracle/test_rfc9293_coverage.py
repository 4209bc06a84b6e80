"""Every numbered MUST of RFC 9293 is stated by a premise, or there is a reason why not; the page says which."""

from __future__ import annotations

from pathlib import Path

from netoracle.wire.coverage import coverage, main, table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rfc9293.md"


def test_each_is_either_stated_or_explained():
    assert [one.must.number for one in coverage()] == list(range(1, 70))
    for one in coverage():
        assert bool(one.functions) != bool(one.must.unjudged), one.must


def test_the_documentation_has_the_table_as_it_is(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("<!-- coverage -->\nold\n<!-- end of coverage -->\n")
    assert main([str(page)]) == 0
    assert page.read_text() == f"<!-- coverage -->\n{table()}\n<!-- end of coverage -->\n"
    assert table() in PAGE.read_text()
    page.write_text("no marks")
    assert (main([str(page)]), main([])) == (2, 2)
    assert "no place for the table" in capsys.readouterr().err
