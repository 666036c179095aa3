"""What was refused stands in the access log of the party that it concerns, and a flood of it adds a row a minute."""

import secrets

import pytest

from app.api.errors import TooManyRequests
from app.api.limits import Gate, Rate
from app.domain.access import Act, Row
from app.errors import OptiTraceError, PackageRefused
from app.exchange import sealed
from app.exchange.letters import Letter, Receipt, letter_json, receipt_json
from app.exchange_desk import ExchangeDesk
from app.queries.gateway import Caller
from app.services.seal_package import keys_of
from app.store.access_log import whole_log
from app.store.registry import registered_party
from app.wiring import HostedGateway
from tests.gateway.sales import RIGHT, ordered, quoted_lens
from tests.support.worlds import MAKER, OTHER_SHOP, SHOP, World


@pytest.fixture
def desk(world: World) -> ExchangeDesk:
    return ExchangeDesk(world.ground)


@pytest.fixture
def dossier(world: World) -> str:
    """A lens that was quoted and ordered; the package for its glassmaker is due."""
    (quote,) = world.record(SHOP, quoted_lens("A"))
    world.record(SHOP, ordered(str(quote.item), RIGHT))
    return quote.dossier


def everybody(_recipient: int, _sender: int) -> None:
    """Let all in."""


def denied(world: World, party: int) -> list[Row]:
    with world.database.reading() as connection:
        return [each.row for each in whole_log(connection, party) if each.row.deed.act == Act.DENIED]


def seen(world: World, party: int) -> list[tuple[str, int | None, str | None]]:
    """Label, counterparty and detail of what was denied to a party."""
    return [(row.actor.label, row.deed.counterparty, row.deed.detail) for row in denied(world, party)]


def letter(world: World, recipient: int, package: object, signer: int = SHOP) -> bytes:
    """A letter of the shop's to a recipient here, signed by anybody."""
    content = letter_json(Letter(SHOP, MAKER, world.clock.now(), package))  # type: ignore[arg-type]
    with world.database.reading() as connection:
        to = keys_of(registered_party(connection, recipient))
    return sealed.sealed(to, sealed.signed(world.exchange[signer], sealed.PACKAGE, content)).encode()


def test_what_comes_sealed_and_is_refused_is_noted_for_whom_it_is_sealed_to(
    world: World, desk: ExchangeDesk, dossier: str
) -> None:
    package = world.give(SHOP, MAKER, dossier=dossier)
    false = letter(world, MAKER, package, OTHER_SHOP)
    for _ in range(3):
        with pytest.raises(OptiTraceError):
            desk.receive(false, everybody)
    # By whom it is was not proven, so nobody is named.
    assert seen(world, MAKER) == [("exchange", None, "exchange_key_unknown")]
    package["items"][0]["groups"]["product"]["key"] = "11" * 32
    for _ in range(3):
        desk.receive(letter(world, MAKER, package), everybody)
    assert seen(world, MAKER)[1:] == [("exchange", SHOP, "package_refused")]
    world.clock.time += 60
    with pytest.raises(OptiTraceError):
        desk.receive(false, everybody)
    assert len(denied(world, MAKER)) == 3
    assert [row.deed.subject for row in denied(world, MAKER)] == [None] * 3


def test_a_receipt_for_nothing_is_noted_for_the_sender_that_it_names(world: World, desk: ExchangeDesk) -> None:
    content = receipt_json(Receipt(SHOP, MAKER, secrets.token_hex(16), world.clock.now()))
    for _ in range(2):
        with pytest.raises(OptiTraceError):
            desk.receive(sealed.signed(world.exchange[MAKER], sealed.RECEIPT, content).encode(), everybody)
    assert seen(world, SHOP) == [("exchange", MAKER, "not_found")]


@pytest.mark.parametrize("body", [b"", b"\xe9", b"a.b.c", b"a.b.c.d.e"])
def test_what_is_for_nobody_here_is_noted_for_nobody(world: World, desk: ExchangeDesk, body: bytes) -> None:
    before = world.rows()
    with pytest.raises(OptiTraceError):
        desk.receive(body, everybody)
    assert world.rows() == before


def test_a_package_that_a_client_carries_and_that_is_refused_is_noted_once_a_minute(world: World, dossier: str) -> None:
    gateway = HostedGateway(world.ground, None)
    package = world.give(SHOP, MAKER, dossier=dossier)
    package["items"][0]["groups"]["product"]["key"] = "11" * 32
    caller = Caller(MAKER, "glassmaker", "1a2b3c4d", "press")
    for _ in range(3):
        with pytest.raises(PackageRefused):
            gateway.take_package(caller, package)
    assert seen(world, MAKER) == [("press", None, "package_taken")]


def test_a_flood_is_noted_once_a_minute_for_each_key_that_sends_it(world: World, desk: ExchangeDesk) -> None:
    callers = [Caller(SHOP, "optician", f"{number:08x}", f"till {number}") for number in range(2)]
    for minute in range(2):
        for _ in range(50):
            for caller in callers:
                desk.turned_away(caller)
        assert len(denied(world, SHOP)) == 2 * (minute + 1)
        world.clock.time += 60
    assert set(seen(world, SHOP)) == {("till 0", None, "too_many_requests"), ("till 1", None, "too_many_requests")}


def test_what_is_too_much_from_one_sender_is_noted_with_its_name_and_nothing_of_it_is_kept(
    world: World, desk: ExchangeDesk, dossier: str
) -> None:
    gate = Gate(Rate(1.0, 2))
    body = letter(world, MAKER, world.give(SHOP, MAKER, dossier=dossier))
    desk.receive(body, gate.let_in_letter)
    before = world.rows()
    for _ in range(3):
        with pytest.raises(TooManyRequests):
            desk.receive(letter(world, MAKER, {}), gate.let_in_letter)
    assert world.rows() == before
    assert seen(world, MAKER) == [("exchange", SHOP, "too_many_requests")]
