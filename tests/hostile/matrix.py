"""The request behind each cell of the table of who may do what."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.services.api_keys import id_of
from app.store.registry import Role
from tests.hostile.house import House
from tests.hostile.table import ACTORS
from tests.hostile.trade import (
    EXAMPLE,
    OTHER_SHOP,
    OTHER_TRIO,
    THE_TRIO,
    Sale,
    Target,
    Trio,
    Values,
    prepare,
    sale,
)


@dataclass(frozen=True)
class Request:
    """What is sent, but for the key."""

    method: str
    path: str
    query: Mapping[str, object] = field(default_factory=dict)
    body: object = None

    def send(self, house: House, key: str | None) -> Any:
        """The answer to it, with this key."""
        body = {} if self.body is None else {"json": self.body}
        return house.by(key, self.method, self.path, params=dict(self.query), **body)


def acts_of(document: Mapping[str, Any]) -> Iterator[str]:
    """The rows that the table has to have for an OpenAPI document: each operation, cut up where its body decides."""
    types = document["components"]["schemas"]["Event"]["discriminator"]["mapping"]
    for path, methods in document["paths"].items():
        for method in methods:
            name = f"{method.upper()} {path}"
            if name == "POST /v1/events":
                yield from (f"{name} {type_}" for type_ in types)
                continue
            yield name
            if name == "POST /v1/verifications":
                yield f"{name} record"


@dataclass(frozen=True)
class Scene:
    """Two sales of different parties, and the packages and spare keys that go with them."""

    house: House
    own: Sale
    other: Sale
    spare_keys: Mapping[int, str]

    @staticmethod
    def name(act: str) -> str:
        """What acts have to have in common to share a scene: only some change what the next one finds."""
        changing = act.startswith(("POST /v1/events", "POST /v1/verif", "DELETE"))
        return act if changing or "{key}" in act else "all others"

    @classmethod
    def before(cls, house: House, act: str, values: tuple[Values, Values] = (EXAMPLE, EXAMPLE)) -> Scene:
        """Both sales brought to where `act` comes next; everything that is not an event comes after the invoice."""
        kind = act.removeprefix("POST /v1/events ")
        until = {
            "ordered": "quoted",
            "manufactured": "ordered",
            "shipped": "manufactured",
            "received": "shipped",
            "delivered": "received",
            "invoiced": "delivered",
        }.get(kind, "invoiced")
        spare = {}
        for party in (*ACTORS.values(), OTHER_SHOP):
            answer = house.send(party, "POST", "/v1/keys", json={"label": "spare-1"})
            spare[party] = id_of(answer.json()["api_key"])
        own, other = (sale(house, trio, until, each) for trio, each in zip((THE_TRIO, OTHER_TRIO), values, strict=True))
        found = cls(house, own, other, spare)
        for sold in (own, other):
            prepare(house, sold, kind)
        if cls.name(act) == "all others":
            for sold in (found.own, found.other):
                prepare(house, sold, "cover_answered")
                checked, _ = house.record(sold.trio.insurer, sold.event("verified"), sold.event("cover_answered"))
                sold.events["verified"] = checked["id"]
        return found

    def request(self, act: str, role: Role, whose: str) -> Request:
        """The request of a cell."""
        method, path, *variant = act.split(" ")
        sold = self.own if whose == "own" else self.other
        item, dossier = sold.item, sold.dossier
        if whose == "absent":
            item, dossier = (f"{OTHER_SHOP:08x}{secrets.token_hex(12)}" for _ in range(2))
        if variant and path == "/v1/events":
            event = {**sold.event(variant[0])}
            return Request(method, path, body=_renamed(event, sold, item, dossier))
        if path == "/v1/verifications":
            return Request(method, path, body={"dossier": dossier, "record": bool(variant)})
        special = _SPECIAL.get(act)
        if special is not None:
            return special(self, role, whose, Target(sold, item, dossier))
        body = {"label": "till-1"} if method == "POST" else None
        return Request(method, path.format(item=item, dossier=dossier), body=body)


def _renamed(body: Any, sold: Sale, item: str, dossier: str) -> Any:
    text = json.dumps(body).replace(sold.item, item).replace(sold.dossier, dossier)
    return json.loads(text)


def _event(_scene: Scene, role: Role, whose: str, target: Target) -> Request:
    kind = {Role.OPTICIAN: "quoted", Role.GLASSMAKER: "manufactured"}.get(role, "verified")
    events = target.sold.events
    name = secrets.token_hex(16) if whose == "absent" else events.get(kind, events["quoted"])
    return Request("GET", f"/v1/events/{name}")


def _package_of(kind: str) -> Callable[[Scene, Role, str, Target], Request]:
    def request(_scene: Scene, role: Role, _whose: str, target: Target) -> Request:
        trio = target.sold.trio
        recipient = trio.maker if role is Role.OPTICIAN else trio.shop
        name = target.item if kind == "item" else target.dossier
        return Request("GET", f"/v1/{kind}s/{name}/package", {"for": recipient})

    return request


def _listed(kind: str) -> Callable[[Scene, Role, str, Target], Request]:
    def request(_scene: Scene, _role: Role, whose: str, target: Target) -> Request:
        reference = secrets.token_hex(8) if whose == "absent" else target.sold.references[kind]
        return Request("GET", f"/v1/{kind}s", {"reference": reference})

    return request


def _taken(scene: Scene, role: Role, whose: str, target: Target) -> Request:
    trio: Trio = target.sold.trio
    sender, recipient = {
        Role.OPTICIAN: (trio.maker, trio.shop),
        Role.GLASSMAKER: (trio.shop, trio.maker),
    }.get(role, (trio.shop, trio.insurer))
    path = f"/v1/dossiers/{target.sold.dossier}/package"
    package = scene.house.send(sender, "GET", path, params={"for": recipient}).json()
    if whose == "absent":
        package = _renamed(package, target.sold, target.item, target.dossier)
    return Request("POST", "/v1/packages", body=package)


def _key(method: str, end: str) -> Callable[[Scene, Role, str, Target], Request]:
    def request(scene: Scene, role: Role, whose: str, _target: Target) -> Request:
        name = scene.spare_keys[ACTORS[role] if whose == "own" else OTHER_SHOP]
        name = secrets.token_hex(4) if whose == "absent" else name
        return Request(method, f"/v1/keys/{name}{end}", body={} if method == "POST" else None)

    return request


def _listing(path: str, name: str) -> Callable[[Scene, Role, str, Target], Request]:
    return lambda _scene, _role, _whose, target: Request("GET", path, {name: target.dossier})


_SPECIAL: Mapping[str, Callable[[Scene, Role, str, Target], Request]] = {
    "GET /v1/events/{event}": _event,
    "GET /v1/items": _listed("item"),
    "GET /v1/dossiers": _listed("dossier"),
    "GET /v1/items/{item}/package": _package_of("item"),
    "GET /v1/dossiers/{dossier}/package": _package_of("dossier"),
    "POST /v1/packages": _taken,
    "POST /v1/keys/{key}/rotate": _key("POST", "/rotate"),
    "DELETE /v1/keys/{key}": _key("DELETE", ""),
    "GET /v1/audit/events": _listing("/v1/audit/events", "dossier"),
    "GET /v1/access": _listing("/v1/access", "subject"),
}
