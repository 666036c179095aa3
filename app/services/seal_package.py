"""
Seal packages: signed with the sender's exchange key, readable with the recipient's alone.

The keys are those that the registry has now, so what is sealed again after a change is sealed to the new key.
"""

from collections.abc import Sequence

from app.domain.access import Actor
from app.domain.packages import Package, package_json
from app.errors import ExchangeKeyUnknown
from app.exchange.keys import PublicKeys
from app.exchange.letters import Letter, letter_json
from app.exchange.sealed import PACKAGE, sealed, signed
from app.services.give_package import About, note_given, package_for
from app.services.ground import Ground
from app.store import exchange_outbox
from app.store.database import Connection
from app.store.exchange_outbox import Due
from app.store.registry import PartyState, RegisteredParty, registered_party


def seal_package(ground: Ground, actor: Actor, recipient: int, about: About) -> str:
    """
    The package for `recipient` as a file that may be carried by anybody.

    Raises what `give_package` raises, and ExchangeKeyUnknown where one of the two has no exchange key.
    """
    with ground.database.writing(actor.party) as connection:
        # What is not there is said to be not there, whatever keys the recipient has.
        package = package_for(ground, connection, actor.party, recipient, about)
        keys = keys_of(registered_party(connection, recipient))
        letter, text = _sealed(ground, package, keys)
        note_given(ground, connection, actor, package, about)
        _made(connection, exchange_outbox.waiting_for(connection, actor.party, recipient, package.dossier), letter)
    return text


def seal_due(ground: Ground, actor: Actor, due: Due, recipient: RegisteredParty) -> str:
    """The package that is due, noted in the access log the first time; raises what `seal_package` raises."""
    # What is due of a lot is all of it.
    about = About(due.items, None if due.items else due.dossier)
    with ground.database.writing(due.party) as connection:
        package = package_for(ground, connection, due.party, due.recipient, about)
        letter, text = _sealed(ground, package, keys_of(recipient))
        if letter.id != due.package:
            note_given(ground, connection, actor, package, about)
            exchange_outbox.set_package(connection, due.number, letter.id)
    return text


def keys_of(party: RegisteredParty | None) -> PublicKeys:
    """The exchange keys that the registry has for a party now; raises ExchangeKeyUnknown."""
    if party is None or party.exchange is None or party.state is PartyState.REVOKED:
        raise ExchangeKeyUnknown("the registry has no exchange key of that party", mend="Ask the council to set one.")
    return PublicKeys(*party.exchange)


def _sealed(ground: Ground, package: Package, recipient: PublicKeys) -> tuple[Letter, str]:
    own = ground.exchange.get(package.sender)
    if own is None:
        raise ExchangeKeyUnknown(
            "this gateway has no exchange key of the sender", mend="Name its file in the parties file."
        )
    letter = Letter(package.sender, package.recipient, ground.clock.now(), package_json(package))
    return letter, sealed(recipient, signed(own, PACKAGE, letter_json(letter)))


def _made(connection: Connection, waiting: Sequence[Due], letter: Letter) -> None:
    """What waits and is in the letter too is settled by its receipt."""
    items = letter.package["items"]
    names = {each["item"] for each in items} if isinstance(items, list) else set()
    for due in waiting:
        # A package without items is about the dossier as a whole.
        if not names or names.issuperset(due.items):
            exchange_outbox.set_package(connection, due.number, letter.id)
