"""
Take in what other gateways send: sealed packages, and receipts for those that went out.

Whoever sends shows no key of an API: that a registered party wrote it is proven by the signature inside, and by
nothing else. What cannot be read or proven is answered as a problem, and none of it is kept; what is proven is answered
with a signed receipt, accepted or refused, and the same package gets the same receipt for ever.
"""

from collections.abc import Callable

from app.domain.access import Actor
from app.domain.packages import package_of
from app.errors import (
    AlgorithmRefused,
    ExchangeKeyUnknown,
    NotFound,
    NotSealed,
    OptiTraceError,
    PackageAltered,
    PackageRefused,
    RecordErased,
    SealBroken,
    SignerUnknown,
    WrongRecipient,
)
from app.exchange import sealed
from app.exchange.keys import ExchangeKeys
from app.exchange.letters import Letter, Receipt, letter_of, receipt_json, receipt_of
from app.failpoints import failpoint
from app.services.access_log import EXCHANGE
from app.services.ground import Ground, not_found
from app.services.seal_package import keys_of
from app.services.take_package import Taken, take_within
from app.store import exchange_inbox, exchange_outbox
from app.store.database import Connection, WriteConflict
from app.store.exchange_inbox import Kept
from app.store.registry import registered_party

AHEAD = 15 * 60
"""Seconds that a letter may have been written ahead of our clock."""

_REFUSALS = (
    AlgorithmRefused, ExchangeKeyUnknown, NotSealed, PackageAltered, SealBroken, SignerUnknown, WrongRecipient,
)  # fmt: skip

Told = Callable[[int, str, int | None], None]
"""Is told of a refusal: the party here that it was for, the refusal's code, and the sender where that is proven."""


LetsIn = Callable[[int, int], None]
"""Is asked before anything of a package is kept, with its recipient and its sender, who is proven; raises to refuse."""


def _nobody(_party: int, _code: str, _sender: int | None) -> None:
    """Do nothing."""


def _everybody(_recipient: int, _sender: int) -> None:
    """Do nothing."""


def receive(ground: Ground, body: bytes, told: Told = _nobody, lets_in: LetsIn = _everybody) -> str | None:
    """
    Take in a sealed package and give its receipt, or take in a receipt; `told` hears of what is refused to a party.

    Raises NotSealed, AlgorithmRefused, ExchangeKeyUnknown, SealBroken, WrongRecipient, PackageAltered, SignerUnknown,
    NotFound for a receipt for nothing, and what `lets_in` raises.
    """
    try:
        text = body.decode("ascii").strip()
    except UnicodeDecodeError:
        raise NotSealed("it is not ASCII", mend="Send what `form=sealed` gave, unchanged.") from None
    if text.count(".") != 2:
        return _take_sealed(ground, text, told, lets_in)
    try:
        take_receipt(ground, text)
    except NotFound as error:
        # It comes after the signature held, so what the receipt says of both parties is proven.
        receipt = receipt_of(sealed.claimed(text))
        told(receipt.sender, error.code, receipt.recipient)
        raise
    return None


def take_receipt(ground: Ground, text: str) -> list[int]:
    """Settle what a receipt is for; returns the numbers of the rows of the outbox."""
    name = sealed.signing_key(text, sealed.RECEIPT)
    receipt = receipt_of(sealed.claimed(text))
    with ground.database.reading() as connection:
        _check_signature(connection, receipt.recipient, name, text)
    if receipt.sender not in ground.roles:
        raise WrongRecipient("the receipt is for another gateway's party", "/for")
    with ground.database.writing(receipt.sender) as connection:
        numbers = exchange_outbox.numbers_of(connection, receipt.sender, receipt.recipient, receipt.package)
        if not numbers:
            raise not_found("/package")
        for number in numbers:
            exchange_outbox.settle(connection, number, receipt.reason, text, ground.clock.now())
    return numbers


def _take_sealed(ground: Ground, text: str, told: Told, lets_in: LetsIn) -> str:
    name = sealed.seal_key(text)
    found = [(party, keys) for party, keys in ground.exchange.items() if keys.opener.thumbprint() == name]
    if not found:
        raise ExchangeKeyUnknown("it is sealed to a key that no party here has", "header kid")
    ((party, keys),) = found
    sender = None
    try:
        letter = _letter(ground, sealed.opened(keys, text))
        sender = letter.sender
        if letter.recipient != party:
            raise WrongRecipient("the package is for another party than the one it is sealed to", "/for")
        _let_in(party, sender, told, lets_in)
        receipt = _receipt(ground, party, keys, letter)
    except _REFUSALS as error:
        told(party, error.code, sender)
        raise
    reason = receipt_of(sealed.claimed(receipt)).reason
    if reason is not None:
        told(party, reason, sender)
    failpoint("K14")
    return receipt


def _let_in(party: int, sender: int, told: Told, lets_in: LetsIn) -> None:
    try:
        lets_in(party, sender)
    except OptiTraceError as error:
        told(party, error.code, sender)
        raise


def _letter(ground: Ground, text: str) -> Letter:
    """The letter, once its signature is found to be by the party that it says it is from."""
    name, content = sealed.signing_key(text, sealed.PACKAGE), sealed.claimed(text)
    sender = content.get("from")
    if type(sender) is not int or not 0 < sender < 1 << 32:
        raise NotSealed("from is not the number of a party", "/from")
    with ground.database.reading() as connection:
        _check_signature(connection, sender, name, text)
    letter = letter_of(content)
    if letter.written_at > ground.clock.now() + AHEAD:
        raise NotSealed("the letter was written in the future", "/written_at", "Set the sender's clock.")
    return letter


def _check_signature(connection: Connection, party: int, name: str, text: str) -> None:
    keys = keys_of(registered_party(connection, party))
    if keys.verifier.thumbprint() != name:
        raise ExchangeKeyUnknown("the registry has another signing key for that party", "header kid")
    sealed.check_signature(keys, text)


def _receipt(ground: Ground, party: int, keys: ExchangeKeys, letter: Letter) -> str:
    """The receipt that was given before, or a new one with what it says kept in the same transaction."""
    for _ in range(2):
        try:
            with ground.database.writing(party) as connection:
                # Whoever sends is there: what waits for it need not wait longer.
                exchange_outbox.wake(connection, [letter.sender], ground.clock.now())
                known = exchange_inbox.receipt_of(connection, party, letter.sender, letter.id)
                return known or _accepted(ground, connection, keys, letter)
        except SignerUnknown:
            raise
        except (PackageRefused, RecordErased) as error:
            # What the party erased stays erased: it takes no package of it any more.
            refusal = error
        except WriteConflict:
            continue
        return _refused(ground, keys, letter, refusal)
    raise WriteConflict


def _accepted(ground: Ground, connection: Connection, keys: ExchangeKeys, letter: Letter) -> str:
    package = package_of(letter.package)
    if package.sender != letter.sender:
        raise PackageRefused("the package is by another party than the one that signed it", "/from")
    taken: Taken = take_within(ground, connection, Actor(letter.recipient, None, EXCHANGE), package)
    kept = Kept(taken.dossier, taken.id, taken.digests)
    return _kept(ground, connection, keys, letter, kept, None)


def _refused(ground: Ground, keys: ExchangeKeys, letter: Letter, error: PackageRefused | RecordErased) -> str:
    with ground.database.writing(letter.recipient) as connection:
        known = exchange_inbox.receipt_of(connection, letter.recipient, letter.sender, letter.id)
        return known or _kept(ground, connection, keys, letter, Kept(reason=error.code), error)


def _kept(
    ground: Ground,
    connection: Connection,
    keys: ExchangeKeys,
    letter: Letter,
    kept: Kept,
    error: PackageRefused | RecordErased | None,
) -> str:
    now, words = ground.clock.now(), (None, None) if error is None else (error.detail, error.where)
    receipt = Receipt(letter.sender, letter.recipient, letter.id, now, kept.reason, *words)
    text = sealed.signed(keys, sealed.RECEIPT, receipt_json(receipt))
    exchange_inbox.add(connection, letter.recipient, letter.sender, letter.id, kept, text, now)
    return text
