"""Asks a gateway what works in it: how the demonstration watches over those that it started."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import httpx

from demo.errors import Trouble, Unknown

Json = dict[str, Any]
_ANSWER_SECONDS = 60.0
_PAUSES = (1.0, 2.0, 4.0, 8.0)
_TLS = httpx.create_ssl_context()
"""One for all: to read the machine's certificates takes longer than to ask."""


class Client:
    """One party's client of the gateway at `url`."""

    def __init__(self, role: str, number: int, url: str, api_key: str) -> None:
        self.role = role
        self.number = number
        self._http = httpx.Client(
            base_url=url,
            verify=_TLS,
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

    def status(self, *, patient: bool = True) -> Json:
        """What works. Unless `patient`, a gateway that does not answer is not asked again."""
        return self._send("GET", "/v1/status", pauses=_PAUSES if patient else ())

    def _send(self, method: str, path: str, pauses: Sequence[float]) -> Json:
        for pause in (*pauses, None):
            try:
                answer = self._http.request(method, path)
                break
            except httpx.TransportError as error:
                # A gateway that died is started again.
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
