"""Leases across a capture: overlaps and use of addresses outside them, judged only on what is certain."""

import pytest

from netoracle.dhcp.leases import SECOND, Lease, LeaseBook

ADDRESS = bytes((10, 0, 0, 9))
OTHER = bytes((10, 0, 0, 10))
ONE, TWO = b"one", b"two"
MAC = bytes(6)


def lease(identity, since, until, frame=1):
    return Lease(identity, identity or MAC, since * SECOND, None if until is None else until * SECOND, frame)


@pytest.fixture
def book():
    return LeaseBook(tolerance=SECOND)


def test_two_identities_with_overlapping_leases_are_found(book):
    assert book.acknowledged(ADDRESS, lease(ONE, 0, 60, 4)) is None
    held = book.acknowledged(ADDRESS, lease(TWO, 59, 120, 8))
    assert held is not None and held.frame == 4


def test_an_infinite_lease_never_runs_out(book):
    book.acknowledged(ADDRESS, lease(ONE, 0, None))
    assert book.acknowledged(ADDRESS, lease(TWO, 10**9, None)) is not None


def test_a_renewal_is_no_second_holder(book):
    book.acknowledged(ADDRESS, lease(ONE, 0, 60))
    assert book.acknowledged(ADDRESS, lease(ONE, 30, 90)) is None


def test_an_expired_address_may_be_leased_again(book):
    book.acknowledged(ADDRESS, lease(ONE, 0, 60))
    assert book.acknowledged(ADDRESS, lease(TWO, 60, 120)) is None


def test_a_released_address_may_be_leased_again(book):
    book.acknowledged(ADDRESS, lease(ONE, 0, 60))
    book.ended(ADDRESS, ONE)
    assert book.acknowledged(ADDRESS, lease(TWO, 5, 120)) is None


def test_somebody_elses_release_ends_nothing(book):
    book.acknowledged(ADDRESS, lease(ONE, 0, 60))
    book.ended(ADDRESS, b"three")
    assert book.acknowledged(ADDRESS, lease(TWO, 5, 120)) is not None


@pytest.mark.parametrize("first, second", [(None, TWO), (ONE, None)])
def test_an_unknown_identity_may_be_the_same(book, first, second):
    book.acknowledged(ADDRESS, lease(first, 0, 60))
    assert book.acknowledged(ADDRESS, lease(second, 5, 120)) is None


def test_one_host_under_two_names_is_no_conflict(book):
    book.acknowledged(ADDRESS, Lease(ONE, MAC, 0, None, 1))
    assert book.acknowledged(ADDRESS, Lease(TWO, MAC, 1, None, 2)) is None


def test_another_address_for_the_same_client_frees_the_first(book):
    book.superseded(ONE, ADDRESS)
    book.acknowledged(ADDRESS, lease(ONE, 0, 60))
    book.superseded(ONE, OTHER)
    book.acknowledged(OTHER, lease(ONE, 5, 65))
    assert book.acknowledged(ADDRESS, lease(TWO, 6, 120)) is None


def test_use_is_judged_after_the_last_possible_end_and_the_tolerance(book):
    book.may_use(MAC, ADDRESS, 60 * SECOND)
    book.may_use(MAC, ADDRESS, 40 * SECOND)
    assert book.used(MAC, ADDRESS, 61 * SECOND) is None
    assert book.used(MAC, ADDRESS, 61 * SECOND + 1) == 60 * SECOND


def test_an_address_that_was_only_offered_must_not_be_used(book):
    book.offered(MAC, ADDRESS, 0)
    assert book.used(MAC, ADDRESS, 1) == 0
    book.may_use(MAC, ADDRESS, 60 * SECOND)
    assert book.used(MAC, ADDRESS, 2 * SECOND) is None


def test_addresses_that_dhcp_never_spoke_of_are_not_judged(book):
    book.may_use(MAC, ADDRESS, 0)
    assert book.used(MAC, OTHER, 10**12) is None
    assert book.used(b"other!", ADDRESS, 10**12) is None


def test_an_address_in_use_before_dhcp_spoke_of_it_may_be_leased_from_before(book):
    assert book.used(MAC, ADDRESS, 0) is None
    book.offered(MAC, ADDRESS, 1)
    assert book.used(MAC, ADDRESS, 10**12) is None


def test_what_is_remembered_is_bounded():
    book = LeaseBook(tolerance=0, capacity=100)
    for n in range(1000):
        book.acknowledged(n.to_bytes(4), lease(n.to_bytes(4), n, None))
        book.may_use(n.to_bytes(6), n.to_bytes(4), None)
    assert len(book._leases) == len(book._holders) == 100
    assert book.forgotten == 1800
