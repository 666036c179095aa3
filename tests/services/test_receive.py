"""What comes in sealed: each way of not being what it says has its own refusal, and the same gets the same receipt."""

import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest

from app.errors import (
    AlgorithmRefused,
    ExchangeKeyUnknown,
    NotFound,
    NotSealed,
    OptiTraceError,
    PackageAltered,
    SealBroken,
    SignerUnknown,
    WrongRecipient,
)
from app.exchange import sealed
from app.exchange.letters import Letter, Receipt, letter_json, receipt_json
from app.services.receive import AHEAD, receive
from app.services.seal_package import keys_of
from app.store import exchange_inbox, exchange_outbox
from app.store.exchange_outbox import Due
from app.store.registry import KEY_REVOKED, PartyState, registered_party
from tests.gateway.sales import RIGHT, manufactured, ordered, quoted_lens
from tests.support.worlds import INSURER, MAKER, OTHER_MAKER, OTHER_SHOP, SHOP, World


@pytest.fixture
def dossier(world: World) -> str:
    """A lens that was quoted and ordered; the package for its glassmaker is due."""
    (quote,) = world.record(SHOP, quoted_lens("A"))
    world.record(SHOP, ordered(str(quote.item), RIGHT))
    return quote.dossier


def took(world: World, text: str) -> dict[str, Any]:
    """What the receipt says that a package got."""
    receipt = receive(world.ground, text.encode())
    assert receipt is not None
    return sealed.claimed(receipt)


def refused(world: World, text: str) -> OptiTraceError:
    """The problem; nothing of what came is kept."""
    before = world.rows()
    with pytest.raises(OptiTraceError) as raised:
        receive(world.ground, text.encode())
    assert world.rows() == before
    return raised.value


def letter(world: World, sender: int, recipient: int, package: Mapping[str, object], **changed: object) -> str:
    """A letter with changes, signed and sealed as by the sender's gateway."""
    content = letter_json(Letter(sender, recipient, world.clock.now(), package)) | changed
    return sealed.sealed(public(world, recipient), sealed.signed(world.exchange[sender], sealed.PACKAGE, content))


def public(world: World, party: int) -> Any:
    with world.database.reading() as connection:
        return keys_of(registered_party(connection, party))


def due(world: World, party: int) -> list[Due]:
    with world.database.reading() as connection:
        return exchange_outbox.page(connection, party, 0, 100)


def test_a_package_is_taken_in_and_again_gets_the_same_receipt(world: World, dossier: str) -> None:
    file = world.seal(SHOP, MAKER, dossier=dossier)
    first = receive(world.ground, file.encode())
    before = world.rows()
    again = world.seal(SHOP, MAKER, dossier=dossier)
    world.clock.time += 14 * 86400
    assert (receive(world.ground, file.encode()), receive(world.ground, again.encode())) == (first, first)
    assert world.rows() == before
    told = sealed.claimed(str(first))
    assert (told["from"], told["for"], told["result"], told["reason"]) == (MAKER, SHOP, "accepted", None)
    assert world.record(MAKER, manufactured(str(due(world, SHOP)[0].items[0]), RIGHT, "V1"))


def test_a_receipt_settles_what_was_due_and_nothing_can_settle_it_again(world: World, dossier: str) -> None:
    receipt = receive(world.ground, world.seal(SHOP, MAKER, dossier=dossier).encode())
    assert receive(world.ground, str(receipt).encode()) is None
    (row,) = due(world, SHOP)
    assert (row.status, row.settled_at) == ("accepted", world.clock.now())
    refusal = Receipt(SHOP, MAKER, str(row.package), world.clock.now(), "package_refused")
    receive(world.ground, sealed.signed(world.exchange[MAKER], sealed.RECEIPT, receipt_json(refusal)).encode())
    assert due(world, SHOP) == [row]


def test_a_package_for_another_party_is_refused_though_it_opens(world: World, dossier: str) -> None:
    package = world.give(SHOP, MAKER, dossier=dossier)
    content = letter_json(Letter(SHOP, MAKER, world.clock.now(), package))
    text = sealed.signed(world.exchange[SHOP], sealed.PACKAGE, content)
    assert isinstance(refused(world, sealed.sealed(public(world, OTHER_MAKER), text)), WrongRecipient)
    # Opened and passed on by its recipient, in a letter of its own, it is still not by who signed that.
    passed_on = took(world, letter(world, MAKER, OTHER_MAKER, package))
    assert (passed_on["result"], passed_on["where"]) == ("refused", "/from")


def test_what_is_sealed_to_a_key_that_nobody_here_has_is_refused(world: World, dossier: str) -> None:
    world.set_exchange(MAKER, b"\7" * 32, 1)
    error = refused(world, world.seal(SHOP, MAKER, dossier=dossier))
    assert isinstance(error, ExchangeKeyUnknown)
    assert error.where == "header kid"


def test_a_signature_by_a_key_that_was_replaced_or_withdrawn_is_refused(world: World, dossier: str) -> None:
    file = world.seal(SHOP, MAKER, dossier=dossier)
    world.set_exchange(SHOP, b"\7" * 32, 1)
    assert isinstance(refused(world, file), ExchangeKeyUnknown)
    world.set_exchange(SHOP, None, 2)
    assert isinstance(refused(world, file), ExchangeKeyUnknown)
    world.set_exchange(SHOP, SHOP.to_bytes(32), 3)
    world.set_state(SHOP, PartyState.REVOKED, 4)
    assert isinstance(refused(world, file), ExchangeKeyUnknown)


def test_a_letter_signed_with_another_partys_key_is_refused_under_either_name(world: World, dossier: str) -> None:
    package = world.give(SHOP, MAKER, dossier=dossier)
    content = letter_json(Letter(SHOP, MAKER, world.clock.now(), package))
    forged = sealed.signed(world.exchange[OTHER_SHOP], sealed.PACKAGE, content)
    to = public(world, MAKER)
    assert isinstance(refused(world, sealed.sealed(to, forged)), ExchangeKeyUnknown)
    header = sealed.signed(world.exchange[SHOP], sealed.PACKAGE, content).split(".")[0]
    renamed = ".".join([header, *forged.split(".")[1:]])
    assert isinstance(refused(world, sealed.sealed(to, renamed)), SealBroken)


def test_another_content_under_a_known_id_is_refused(world: World, dossier: str) -> None:
    package = world.give(SHOP, MAKER, dossier=dossier)
    took(world, letter(world, SHOP, MAKER, package))
    altered = copy.deepcopy(package)
    altered["steps"][0]["openings"] = []
    identity = Letter(SHOP, MAKER, 0, package).id
    assert isinstance(refused(world, letter(world, SHOP, MAKER, altered, id=identity)), PackageAltered)


def test_a_letter_from_the_future_or_of_another_form_is_refused(world: World, dossier: str) -> None:
    package = world.give(SHOP, MAKER, dossier=dossier)
    for changed in ({"format": "optitrace.letter/2"}, {"from": "1"}, {"written_at": 0}, {"more": 1}):
        assert isinstance(refused(world, letter(world, SHOP, MAKER, package, **changed)), NotSealed), changed
    file = letter(world, SHOP, MAKER, package)
    world.clock.time -= AHEAD + 1
    assert refused(world, file).where == "/written_at"
    world.clock.time += 1
    assert took(world, file)["result"] == "accepted"


@pytest.mark.parametrize("text", ["", "....", "..", "{}", "a.b.c.d.e", "a.b.c", "\xe9", "x" * 5000])
def test_what_is_neither_a_package_nor_a_receipt_is_refused(world: World, text: str) -> None:
    assert isinstance(refused(world, text), NotSealed | AlgorithmRefused)


def test_a_signed_package_that_is_not_sealed_is_refused(world: World, dossier: str) -> None:
    content = letter_json(Letter(SHOP, MAKER, world.clock.now(), world.give(SHOP, MAKER, dossier=dossier)))
    error = refused(world, sealed.signed(world.exchange[SHOP], sealed.PACKAGE, content))
    assert (type(error), error.where) == (NotSealed, "header typ")


def test_a_package_that_is_not_believed_gets_a_signed_refusal_and_the_same_again(world: World, dossier: str) -> None:
    package = world.give(SHOP, MAKER, dossier=dossier)
    package["items"][0]["groups"]["product"]["key"] = "11" * 32
    file = letter(world, SHOP, MAKER, package)
    before = world.rows()
    first = took(world, file)
    assert (first["result"], first["reason"], first["where"]) == ("refused", "package_refused", "/steps/0/openings/1")
    assert {name: rows - before[name] for name, rows in world.rows().items() if rows != before[name]} == {
        "exchange_inbox": 1
    }
    world.clock.time += 5
    assert took(world, file) == first


def test_a_signer_that_is_not_known_here_yet_is_no_refusal_for_good(world: World, dossier: str) -> None:
    file = world.seal(SHOP, MAKER, dossier=dossier)
    world.set_key(SHOP, KEY_REVOKED, 1)
    assert isinstance(refused(world, file), SignerUnknown)
    world.set_key(SHOP, 1, 2)
    assert took(world, file)["result"] == "accepted"


def test_a_receipt_by_another_than_the_recipient_settles_nothing(world: World, dossier: str) -> None:
    world.seal(SHOP, MAKER, dossier=dossier)
    (row,) = due(world, SHOP)
    package = str(row.package)

    def receipt(signer: int, **changed: object) -> str:
        content = receipt_json(Receipt(SHOP, MAKER, package, world.clock.now())) | changed
        return sealed.signed(world.exchange[signer], sealed.RECEIPT, content)

    assert isinstance(refused(world, receipt(INSURER)), ExchangeKeyUnknown)
    assert isinstance(refused(world, receipt(INSURER, **{"from": INSURER})), NotFound)
    assert isinstance(refused(world, receipt(MAKER, package="ab" * 16)), NotFound)
    assert isinstance(refused(world, receipt(MAKER, **{"for": 4000000000})), WrongRecipient)
    assert due(world, SHOP) == [row]


def test_no_refusal_repeats_anything_of_what_came(world: World, dossier: str) -> None:
    package = world.give(SHOP, MAKER, dossier=dossier)
    package["steps"][0]["openings"][0]["values"]["maker"] = "CANARY"
    assert "CANARY" not in json.dumps(took(world, letter(world, SHOP, MAKER, package)))
    error = refused(world, letter(world, SHOP, MAKER, package, written_at="CANARY", id="CANARY"))
    assert "CANARY" not in f"{error.detail} {error.where} {error.mend}"


def test_refused_packages_are_dropped_when_old_or_many_and_accepted_ones_never(world: World, dossier: str) -> None:
    package = world.give(SHOP, MAKER, dossier=dossier)
    accepted = took(world, letter(world, SHOP, MAKER, package))

    def refuse(number: int) -> dict[str, Any]:
        false = copy.deepcopy(package)
        false["steps"][0]["openings"][0]["values"]["maker"] = f"M{number}"
        return took(world, letter(world, SHOP, MAKER, false))

    def left(now: int, most: int) -> list[tuple[int, str | None]]:
        with world.database.writing() as connection:
            exchange_inbox.drop_refused(connection, now - 100, most)
            return [(row.received_at, row.reason) for row in exchange_inbox.page(connection, MAKER, 0, 100)]

    start = world.clock.time
    for number in range(5):
        world.clock.time = start + number
        assert refuse(number)["result"] == "refused"
    kept = [(start, None)] + [(start + number, "package_refused") for number in range(5)]
    assert left(start + 4, 5) == kept
    assert left(start + 4, 2) == [kept[0], *kept[4:]]
    assert left(start + 103, 2) == [kept[0], kept[5]]
    assert left(start + 104, 2) == kept[:1]
    assert took(world, letter(world, SHOP, MAKER, package)) == accepted
    assert refuse(1)["result"] == "refused"
