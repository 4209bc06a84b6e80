"""Every vector again: arguments and results on which the HOL4 text and the specification agreed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from netoracle.transcription.differential.encoding import decode, encode
from netoracle.transcription.differential.vectors import Vector, read_vectors, repeated

VECTORS = tuple(read_vectors(Path(__file__).parent / "vectors"))
DEFINITIONS = sorted({vector.definition for vector in VECTORS})


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_the_function_gives_the_result_of_the_text(definition: str) -> None:
    for vector in VECTORS:
        if vector.definition == definition:
            assert repeated(vector) == vector.result, vector.arguments


def test_there_are_vectors_for_most_definitions() -> None:
    assert len(DEFINITIONS) > 250
    assert Counter(vector.result is not None for vector in VECTORS)[True] > 1000


def test_another_result_is_noticed() -> None:
    (vector, *_) = (vector for vector in VECTORS if vector.definition == "roundup")
    changed = Vector(vector.definition, vector.python, vector.arguments, vector.choices, vector.result + 1)
    assert repeated(changed) != changed.result


@pytest.mark.parametrize("data", [{"record": ["Path", "/"]}, {"enum": ["os", "x"]}, {"what": 1}, {}, {"a": 1, "b": 2}])
def test_only_values_of_the_specification_are_read(data: object) -> None:
    with pytest.raises(ValueError):
        decode(data)


def test_values_are_written_and_read() -> None:
    for vector in VECTORS[::7]:
        assert all(decode(encode(value)) == value for value in vector.arguments.values())
