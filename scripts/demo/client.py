"""A party's own software, as far as this demonstration needs it: it speaks to its gateway and to nothing else."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self

import httpx

from demo.errors import Trouble, Unknown

Json = dict[str, Any]
_ANSWER_SECONDS = 60.0
_CHAIN_SECONDS = 120.0
_POLL_SECONDS = 0.2
_PAUSES = (1.0, 2.0, 4.0, 8.0)


class Client:
    """One party's client of the gateway at `url`."""

    def __init__(self, role: str, number: int, url: str, api_key: str) -> None:
        self.role = role
        self.number = number
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=_ANSWER_SECONDS,
            # The gateway is on this machine: a proxy that the environment names is meant for other things.
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def record(self, events: Sequence[Json]) -> list[Json]:
        """Post `events` in one request, and give what became of them once all are on the chain."""
        # Under one key for all attempts: a gateway that took the events before the connection broke answers again.
        headers = {"Idempotency-Key": secrets.token_hex(16)}
        answer = self._send("POST", "/v1/events?wait=anchored", list(events), headers)
        return [self.anchored(event["id"], event) for event in answer["events"]]

    def anchored(self, event: str, seen: Json | None = None) -> Json:
        """The event, once it is on the chain; `seen` is what is known of it already."""
        found = seen or self._send("GET", f"/v1/events/{event}")
        deadline = time.monotonic() + _CHAIN_SECONDS
        while found["status"] not in ("anchored", "refused"):
            if time.monotonic() > deadline:
                raise Trouble(f"a step of the {self.role} did not reach the chain in {_CHAIN_SECONDS:.0f} s")
            time.sleep(_POLL_SECONDS)
            found = self._send("GET", f"/v1/events/{event}")
        if found["status"] == "refused":
            raise Trouble(f"the ledger refused a step of the {self.role}: {found['type']}, {found['reason']['code']}")
        return found

    def wait_indexed(self, block: int) -> None:
        """Wait until this party's gateway has read the chain up to `block`."""
        deadline = time.monotonic() + _CHAIN_SECONDS
        while (self.status()["chain"]["indexed_block"] or 0) < block:
            if time.monotonic() > deadline:
                raise Trouble(f"the {self.role}'s gateway does not read the chain; see its log")
            time.sleep(_POLL_SECONDS)

    def wait_package(self, dossier: str, sender: int) -> None:
        """Wait until a package about a dossier came in from the gateway of `sender`."""
        deadline = time.monotonic() + _CHAIN_SECONDS
        while True:
            found = [each for each in self._came_in() if (each["dossier"], each["sender"]) == (dossier, sender)]
            if found:
                return
            if time.monotonic() > deadline:
                raise Trouble(f"no package reached the {self.role}'s gateway in {_CHAIN_SECONDS:.0f} s; see the logs")
            time.sleep(_POLL_SECONDS)

    def _came_in(self) -> Iterator[Json]:
        """What came in from other gateways and was not refused."""
        cursor = ""
        while True:
            page = self._send("GET", f"/v1/exchange/inbox?limit=200{cursor}")
            yield from (each for each in page["packages"] if each["status"] != "refused")
            if page["next"] is None:
                return
            cursor = f"&cursor={page['next']}"

    def verify(self, question: Json) -> Json:
        """Check a dossier."""
        return self._send("POST", "/v1/verifications", question)

    def dossier(self, dossier: str) -> Json:
        """A dossier as this party sees it."""
        return self._send("GET", f"/v1/dossiers/{dossier}")

    def status(self, *, patient: bool = True) -> Json:
        """What works. Unless `patient`, a gateway that does not answer is not asked again."""
        return self._send("GET", "/v1/status", pauses=_PAUSES if patient else ())

    def audit(self, dossier: str) -> list[Json]:
        """All steps of a dossier, in the order of the ledger; for auditors."""
        page = self._send("GET", f"/v1/audit/events?dossier={dossier}&limit=200")
        steps: list[Json] = page["events"]
        return steps

    def _send(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        pauses: Sequence[float] = _PAUSES,
    ) -> Json:
        for pause in (*pauses, None):
            try:
                answer = self._http.request(method, path, json=body, headers=headers)
                break
            except httpx.TransportError as error:
                # A gateway that died is started again; what was sent is safe to send again.
                if pause is None:
                    raise Trouble(f"the {self.role}'s gateway did not answer: {type(error).__name__}") from error
                time.sleep(pause)
        if answer.is_success:
            content: Json = answer.json()
            return content
        reason = Unknown if answer.status_code == 401 else Trouble
        raise reason(f"the {self.role}'s gateway refused {method} {path.partition('?')[0]}: {_problem(answer)}")


def _problem(answer: httpx.Response) -> str:
    """Code, place and sentence of a problem document; it never holds a value that was sent."""
    try:
        problem = answer.json()
        return f"{problem['code']} at {problem.get('where')}: {problem['detail']}"
    except (ValueError, KeyError):
        return f"status {answer.status_code}"
