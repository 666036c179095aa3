"""
After every scenario: no value of a record lies anywhere but with those whom it concerns.

The text of each place is searched for every marked value in every form of `hunt`; a place says which groups belong in
it. That the search finds anything at all is seen where something belongs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from app.store.backup import back_up
from tests.gateway.sales import invoiced, manufactured, ordered, quoted_lens
from tests.leaks import places
from tests.leaks.digests import Sale
from tests.leaks.hunt import Hunt, salts_of
from tests.leaks.marking import EXAMPLES, GTIN, MARKS, SIRET
from tests.leaks.places import NAMES, Place
from tests.leaks.world import NEIGHBOUR, OTHER_INSURER, OTHER_MAKER, ROLES, World, on_postgresql, world
from tests.support.canary import Hit
from tests.support.gateways import AUDITOR, GLASSMAKER, INSURER, OPTICIAN
from tests.support.postgres import Server, programs

OF_POSTGRESQL: Final = (
    "adaptation-exchange",
    "cover-before-ordering",
    "device-twice-in-two-shops",
    "drawn-from-stock",
    "error-in-a-price",
    "late-renewal",
    "progressive-pair-and-frame",
    "substituted",
    "two-glassmakers",
)
"""Those played with PostgreSQL, so that this takes minutes: together they have every group and every party."""
READERS: Final = (NEIGHBOUR, GLASSMAKER, OTHER_MAKER, INSURER, OTHER_INSURER, AUDITOR)
NUMBERS: Final = ("correction", "price", "renewal", "cover", "grant", "statement")
"""The groups that hold amounts, measures or days."""


@pytest.fixture(scope="module")
def played(new_database: Callable[[], str], request: pytest.FixtureRequest) -> Iterator[World]:
    with world(new_database) as found:
        server = found.server(request)
        found.log_before = "" if server is None else server.turn_the_page()
        every = server is None or request.config.getoption("--everywhere")
        found.play([file for file in EXAMPLES if every or file.stem in OF_POSTGRESQL])
        yield found


@pytest.fixture(scope="module")
def server(played: World, request: pytest.FixtureRequest) -> Server | None:
    return played.server(request)


@pytest.fixture(scope="module")
def hunt(played: World) -> Hunt:
    return hunt_in(played)


def hunt_in(played: World) -> Hunt:
    """The search for everything that was marked in a world, with what is no secret in each sale as its salts."""
    values = played.marked.values
    numbers = [each for group in NUMBERS for each in values[group] if each[-1].isdigit() and each[0] != "Z"]
    everybodys = salts_of((), ROLES, [SIRET, str(played.net.ground.network.chain_id)])
    sales = [
        Sale(
            sorted(value for group in each.marked.values.values() for value in group),
            each.marked.corrections,
            tuple(salts_of(sorted(each.identifiers), (), sorted(each.references))),
        )
        for each in played.played
    ]
    return Hunt([*MARKS.values(), *sorted(numbers), SIRET, GTIN], (), everybodys, sales)


def misplaced(hunt: Hunt, played: World, found: Iterator[Place]) -> list[tuple[str, Hit]]:
    """Every value that lies where it does not belong."""
    group_of = played.marked.group_of
    return [
        (place.name, hit)
        for place in found
        for hit in hunt.search_all(place.parts)
        if group_of[hit.value] not in place.allowed
    ]


def groups_in(hunt: Hunt, played: World, place: Place) -> set[str]:
    """The groups of which there is any value."""
    return {played.marked.group_of[hit.value] for hit in hunt.search_all(place.parts)}


def test_every_scenario_ended_as_it_says_with_its_values_marked(played: World) -> None:
    assert {name: differs for name, differs in played.differences.items() if differs} == {}
    assert played.marked.values.keys() | {"correction"} == {*MARKS, *NUMBERS}


def test_the_chain_holds_no_value(played: World, hunt: Hunt) -> None:
    assert misplaced(hunt, played, places.chain(played)) == []


def test_no_file_of_a_database_holds_a_value_in_clear(played: World, hunt: Hunt, server: Server | None) -> None:
    assert misplaced(hunt, played, places.databases(played, server)) == []


@on_postgresql
def test_postgresqls_write_ahead_log_and_its_other_files_hold_no_value(
    played: World, hunt: Hunt, server: Server
) -> None:
    around = list(places.around(played, server))
    of_the_log = [each for each in around if each.name == places.WRITE_AHEAD]
    assert misplaced(hunt, played, (each for each in around if each not in of_the_log)) == []
    # The shop's own references lie there, so it is the log of this world that was searched.
    assert set().union(*(groups_in(hunt, played, each) for each in of_the_log)) == places.OWN
    assert places.spilled(server) == 0


def test_a_backup_holds_no_value_in_clear_but_the_shops_own_references(
    played: World, hunt: Hunt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{programs()}:{os.environ['PATH']}")
    database = played.net[OPTICIAN].gateway.ground.database
    back_up(database.engine.url.render_as_string(hide_password=False), tmp_path / "backup")
    assert groups_in(hunt, played, places.backup(tmp_path / "backup")) == places.OWN


def test_logs_and_counts_hold_no_value(played: World, hunt: Hunt) -> None:
    assert misplaced(hunt, played, places.log(played)) == []
    assert misplaced(hunt, played, places.counts(played)) == []


@pytest.mark.parametrize("party", NAMES, ids=lambda party: NAMES[party])
def test_nobody_reads_a_value_without_a_package(played: World, hunt: Hunt, party: int) -> None:
    assert misplaced(hunt, played, places.answers(played, party)) == []
    assert misplaced(hunt, played, places.checks(played, party)) == []


@pytest.mark.parametrize("party", READERS, ids=lambda party: NAMES[party])
def test_each_reads_the_values_that_concern_it_and_no_other(played: World, hunt: Hunt, party: int) -> None:
    place = places.held(played, party)
    assert groups_in(hunt, played, place) == place.allowed


def test_a_package_holds_what_its_recipient_may_see_and_a_sealed_one_nothing(played: World, hunt: Hunt) -> None:
    for place in places.packages(played):
        assert groups_in(hunt, played, place) == place.allowed, place.name


def test_a_refusal_repeats_nothing(played: World, hunt: Hunt) -> None:
    item, dossier = sorted(played.items)[0], sorted(played.dossiers)[0]
    product = {"maker": f"{MARKS['product']}M", "code": f"{MARKS['product']}C"}
    correction = {"eye": "right", "sphere": "-28.17", "cylinder": "-11.79", "axis": 173}
    events = [
        quoted_lens(f"{MARKS['dossier']}-X", product=product),
        ordered(item, correction, product),
        manufactured(item, correction, f"{MARKS['device']}-1", product),
        invoiced(dossier, claim={"siret": SIRET, "cover_number": f"{MARKS['claim']}-1"}),
    ]
    assert misplaced(hunt, played, places.refusals(played, events)) == []


@pytest.mark.parametrize("party", NAMES, ids=lambda party: NAMES[party])
def test_a_vault_holds_what_concerns_its_party_and_of_no_sale_of_others(played: World, hunt: Hunt, party: int) -> None:
    (place,) = places.opened(played, party)
    assert groups_in(hunt, played, place) == place.allowed
    strangers = [each.run for each in played.played if not each.concerns(party)]
    assert [run for run in strangers if re.search(rb"%b\b" % run.encode(), place.content, re.IGNORECASE)] == []


def test_the_orders_that_a_glassmaker_pulls_hold_what_it_grinds_and_nothing_more(
    played: World, hunt: Hunt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = {"maker": f"{MARKS['product']}M", "code": f"{MARKS['product']}C"}
    supplements = {"codes": [f"{MARKS['supplements']}S"]}
    quote = quoted_lens(f"{MARKS['dossier']}-O", f"{MARKS['dossier']}-O", product=product, supplements=supplements)
    (quoted,) = played.net[OPTICIAN].record(quote)
    correction = {"eye": "right", "sphere": "-28.17", "cylinder": "-11.79", "axis": 173}
    order = ordered(str(quoted["item"]), correction, product) | {"supplements": supplements}
    played.net[OPTICIAN].record(order)
    played.net.hand(OPTICIAN, GLASSMAKER, dossier=str(quoted["dossier"]))
    place = places.pulled(played, tmp_path / "orders.ndjson", monkeypatch)
    assert groups_in(hunt, played, place) == place.allowed


def test_no_url_that_a_gateway_was_asked_holds_a_value(played: World, hunt: Hunt) -> None:
    (asked,) = places.urls(played)
    assert any(url.startswith(b"/v1/exchange?") for url in asked.parts)
    assert misplaced(hunt, played, iter([asked])) == []
