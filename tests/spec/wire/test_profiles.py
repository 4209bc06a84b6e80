"""The wire profiles: what each differs in has a reason."""

from __future__ import annotations

from dataclasses import fields

import pytest

from netspec.wire.profiles import RFC9293, WIRE_DEVIATIONS, WIRE_PROFILES


@pytest.mark.parametrize("name", WIRE_PROFILES)
def test_every_bound_that_is_not_that_of_the_rfc_has_a_reason(name: str) -> None:
    profile = WIRE_PROFILES[name]
    bounds = {bound.name for bound in fields(profile)} - {"name"}
    differing = {bound for bound in bounds if getattr(profile, bound) != getattr(RFC9293, bound)}
    assert differing == {deviation.field for deviation in WIRE_DEVIATIONS[name]}
    assert all(deviation.reason for deviation in WIRE_DEVIATIONS[name])
