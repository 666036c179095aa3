"""The part of a gateway that other gateways speak to, and what a party sees of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.domain.access import Act, Actor, Deed
from app.errors import NotFound, NotPermitted, PackageRefused, PartySuspended, RecordErased
from app.queries import exchange
from app.queries.exchange_views import IncomingPage, OutgoingPage
from app.queries.gateway import Caller, Filter
from app.services.access_log import EXCHANGE, Notes
from app.services.give_package import About
from app.services.ground import Ground
from app.services.receive import LetsIn, receive
from app.services.seal_package import seal_package


class ExchangeDesk:
    """Takes in and hands out what is sealed, for the parties of one gateway."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._notes = Notes(ground)

    def sealed_package(
        self, caller: Caller, recipient: int, *, item: str | None = None, dossier: str | None = None
    ) -> str:
        """The same, signed and sealed, as a file that anybody may carry."""
        about = About([] if item is None else [item], dossier)
        with self._denials(caller, Act.PACKAGE_GIVEN, item or dossier):
            return seal_package(self.ground, caller.actor, recipient, about)

    def receive(self, body: bytes, lets_in: LetsIn) -> str | None:
        """
        Take in what another gateway sends: a sealed package, whose receipt this gives, or a receipt.

        `lets_in` is asked for each package with its recipient and its sender, and raises if there are too many.
        """
        return receive(self.ground, body, self._note_refusal, lets_in)

    def _note_refusal(self, party: int, code: str, sender: int | None) -> None:
        deed = Deed(Act.DENIED, counterparty=sender, detail=code)
        self._notes.once_a_minute(Actor(party, None, EXCHANGE), deed)

    def turned_away(self, caller: Caller) -> None:
        """Note in the access log that the caller sends more than is let in."""
        self._notes.once_a_minute(caller.actor, Deed(Act.DENIED, detail="too_many_requests"))

    def outgoing(self, caller: Caller, narrowed: Filter) -> OutgoingPage:
        """What goes to other gateways by itself, oldest first."""
        with self.ground.database.reading() as connection:
            return exchange.outgoing_page(connection, caller.party, narrowed)

    def incoming(self, caller: Caller, narrowed: Filter) -> IncomingPage:
        """What came in from other gateways, oldest first."""
        with self.ground.database.reading() as connection:
            return exchange.incoming_page(connection, caller.party, narrowed)

    @contextmanager
    def _denials(self, caller: Caller, act: str, subject: str | None = None) -> Iterator[None]:
        """Note it in the access log if what is done in the block is denied to the caller."""
        try:
            yield
        except (NotFound, NotPermitted, PartySuspended, PackageRefused, RecordErased):
            self._notes.once_a_minute(caller.actor, Deed(Act.DENIED, subject, detail=act))
            raise
