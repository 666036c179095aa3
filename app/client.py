"""A party's own side of a gateway's API, for the command line: which gateway is meant, and asking it."""

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import requests

from app.answers import bounded

DEMONSTRATION = Path(__file__).resolve().parents[1] / "var" / "run.json"
"""What `scripts/run` writes while it runs, in the folder that this file is a part of."""
SECONDS = 60
PAGE = 200
MOST_BYTES = 32 * 1024 * 1024

Json = dict[str, Any]


class ClientFailed(Exception):
    """The gateway cannot be found or asked, or refuses; the message is a sentence for the user."""


class Unreachable(ClientFailed):
    """The gateway does not answer; what was asked may have been done."""


@dataclass(frozen=True, slots=True)
class Place:
    """A gateway's address and a key to it. `local`: it runs on this machine, and no proxy stands before it."""

    url: str
    api_key: str
    local: bool

    def __repr__(self) -> str:
        return f"Place({self.url})"


def gateways_of(run_file: Path) -> dict[str, Json]:
    """Where each party of the demonstration that wrote `run_file` is served: its role, or the name of a guest."""
    try:
        content = json.loads(run_file.read_text(encoding="utf-8"))
        found = {str(each["role"]): each for each in content["gateways"]}
        return found | {str(each["name"]): each for each in content.get("guests", ())}
    except FileNotFoundError:
        raise ClientFailed(
            "no demonstration runs here: start it with scripts/run, or name a gateway with --gateway and --key-file"
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise ClientFailed(f"{run_file} cannot be read as what scripts/run wrote") from None


def demonstrated(run_file: Path, party: str | None) -> Place:
    """The gateway of `party`, a role, a guest's name or a number, in the demonstration that wrote `run_file`."""
    gateways = gateways_of(run_file)
    found = [each for role, each in gateways.items() if party in (role, str(each["party"]))]
    if not found:
        raise ClientFailed(f"choose a party with --as: {', '.join(gateways)}")
    return Place(found[0]["url"], found[0]["api_key"], local=True)


def named(url: str, key_file: Path) -> Place:
    """The gateway at `url`, with the API key in a file that its owner alone may read."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or "@" in url:
        raise ClientFailed("write --gateway as https://HOST[:PORT]")
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ClientFailed(
            "an API key is not sent to another machine without TLS: write --gateway as https://HOST[:PORT]"
        )
    try:
        if key_file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ClientFailed(f"others than its owner may read the key file {key_file.name}: chmod 600")
        api_key = key_file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        raise ClientFailed(f"the key file {key_file.name} cannot be read") from None
    if not api_key.startswith("ot_") or not api_key.isprintable():
        raise ClientFailed(f"the key file {key_file.name} holds no API key, which begins with ot_")
    return Place(url.rstrip("/"), api_key, local=False)


class Client:
    """Asks one gateway as one party."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._session = bounded(MOST_BYTES, 2 * SECONDS)
        # A proxy that the environment names is meant for other things than a server on this machine.
        self._session.trust_env = not place.local
        # As the session's own, the key would yield to what a .netrc file says.
        self._session.auth = self._with_key

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()

    def get(self, path: str, **query: object) -> Json:
        """The answer to a question; a parameter that is None is left out."""
        return self._send("GET", path, query={name: value for name, value in query.items() if value is not None})

    def pages(self, path: str, entries: str, **query: object) -> Iterator[Json]:
        """Every entry of a list, page by page."""
        cursor = None
        while True:
            page = self.get(path, cursor=cursor, limit=PAGE, **query)
            yield from page[entries]
            cursor = page["next"]
            if cursor is None:
                return

    def post(self, path: str, body: Json | list[Json], key: str | None = None) -> Json:
        """The answer to a request with a body; None in an object is left out. Under one `key` it is done once."""
        if isinstance(body, dict):
            body = {name: value for name, value in body.items() if value is not None}
        return self._send("POST", path, body=body, headers={} if key is None else {"Idempotency-Key": key})

    def delete(self, path: str) -> Json:
        """The answer to a deletion."""
        return self._send("DELETE", path)

    def _with_key(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._place.api_key}"
        return request

    def _send(
        self,
        method: str,
        path: str,
        query: Json | None = None,
        body: Json | list[Json] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Json:
        url = self._place.url + path
        try:
            answer = self._session.request(
                method, url, params=query, json=body, headers=headers, timeout=SECONDS, allow_redirects=False
            )
        except requests.RequestException as error:
            raise Unreachable(f"the gateway at {self._place.url} does not answer: {type(error).__name__}") from None
        try:
            content = answer.json()
            if answer.ok and isinstance(content, dict):
                return content
            raise ClientFailed(f"{content['detail']}. {content['mend']}".rstrip())
        except (ValueError, KeyError, TypeError):
            raise ClientFailed(f"{self._place.url} answers as no gateway does: status {answer.status_code}") from None
