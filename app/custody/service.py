"""
Key-encryption keys that a service keeps: it wraps and unwraps, and its keys never come here.

    GET  URL/keys                 {"newest": "ID"}
    POST URL/keys/ID/wrap         {"entries": [{"context": B64, "key": B64}, …]}      → {"keys": [B64, …]}
    POST URL/keys/ID/unwrap       the same with the wrapped keys                       → {"keys": [B64, …]}

404 is an id that the service does not have, 422 a wrapped key that is not whole. Everything else counts as no answer.
"""

import base64
import binascii
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, Final
from urllib.parse import quote

import requests

from app.answers import bounded
from app.custody.ring import KEYS_PAGE, missing
from app.errors import StoreUnavailable, VaultUnreadable

_SECONDS: Final = 5
_MOST_BYTES: Final = 4 * 1024 * 1024
_KEPT: Final = 10_000
_KEPT_SECONDS: Final = 60
_DATA_KEY: Final = 32


class KeyService:
    """
    A service at `url`; `token`, if there is one, goes along as a bearer token.

    Unwrapped keys are remembered for a minute, so that a list of items costs one question, and an erased one is
    forgotten soon.
    """

    def __init__(self, url: str, token: str | None = None, clock: Callable[[], float] = monotonic) -> None:
        self._url = url.rstrip("/")
        self._session = bounded(_MOST_BYTES, _SECONDS)
        # Neither a proxy of the environment nor a password file of the user may see a data key.
        self._session.trust_env = False
        if token is not None:
            self._session.headers["Authorization"] = f"Bearer {token}"
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, bytes, bytes], tuple[float, bytes]] = OrderedDict()

    def __repr__(self) -> str:
        return "KeyService()"

    @property
    def newest(self) -> str:
        """Id of the key that the service wants to be used."""
        name = self._asked("GET", "/keys").get("newest")
        if not isinstance(name, str) or not re.fullmatch("[a-zA-Z0-9._-]{1,32}", name):
            raise _nonsense()
        return name

    def wrap(self, key_id: str, entries: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Data keys wrapped with the key of this id."""
        return self._called(key_id, "wrap", entries) if entries else []

    def unwrap(self, key_id: str, entries: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """The data keys, those of the last minute from memory."""
        known = {entry: key for entry in entries if (key := self._remembered((key_id, *entry))) is not None}
        asked = [entry for entry in dict.fromkeys(entries) if entry not in known]
        if asked:
            fresh = self._called(key_id, "unwrap", asked)
            if any(len(key) != _DATA_KEY for key in fresh):
                raise _nonsense()
            known |= dict(zip(asked, fresh, strict=True))
            self._remember(key_id, zip(asked, fresh, strict=True))
        return [known[entry] for entry in entries]

    def _called(self, key_id: str, act: str, entries: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        body = {"entries": [{"context": _text(context), "key": _text(key)} for context, key in entries]}
        found = self._asked("POST", f"/keys/{quote(key_id, safe='')}/{act}", body, key_id).get("keys")
        if not isinstance(found, list) or len(found) != len(entries):
            raise _nonsense()
        try:
            return [base64.b64decode(each, validate=True) for each in found]
        except (TypeError, binascii.Error):
            raise _nonsense() from None

    def _asked(self, method: str, path: str, body: Any = None, key_id: str = "") -> dict[str, Any]:
        try:
            answer = self._session.request(method, self._url + path, json=body, timeout=_SECONDS, allow_redirects=False)
            content = answer.json() if answer.status_code == 200 else None
        except requests.RequestException:
            raise StoreUnavailable("the vault's key service does not answer", mend="Send again in a minute.") from None
        if answer.status_code == 404:
            raise missing(key_id)
        if answer.status_code == 422:
            raise VaultUnreadable("a data key cannot be unwrapped", mend=KEYS_PAGE)
        if not isinstance(content, dict):
            raise _nonsense()
        return content

    def _remembered(self, entry: tuple[str, bytes, bytes]) -> bytes | None:
        with self._lock:
            until, key = self._known.get(entry, (0.0, None))
            return key if until > self._clock() else None

    def _remember(self, key_id: str, found: Any) -> None:
        with self._lock:
            now = self._clock()
            for entry, key in found:
                self._known[(key_id, *entry)] = now + _KEPT_SECONDS, key
                self._known.move_to_end((key_id, *entry))
            # The oldest come first.
            while self._known and (len(self._known) > _KEPT or next(iter(self._known.values()))[0] <= now):
                self._known.popitem(last=False)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _nonsense() -> StoreUnavailable:
    return StoreUnavailable("the vault's key service gives no proper answer", mend="Send again in a minute.")
