"""Waiting for the chain holds no thread, ends in time, and never keeps out other requests."""

import threading
from collections.abc import Sequence
from dataclasses import replace

import anyio
import httpx
import pytest

from app.api import examples
from app.api.app import create_app
from app.api.waiting import MAX_WAITING, Waiting
from app.queries import views
from app.queries.gateway import Caller
from tests.api.conftest import Api
from tests.api.fake import OPTICIAN, FakeGateway
from tests.api.serving import served

NEVER = 10**9


async def stays() -> bool:
    return False


def test_a_wait_ends_when_all_is_anchored(api: Api) -> None:
    api.gateway.settles_after = 3
    answer = api.send("POST", "/v1/events?wait=anchored", json=[examples.QUOTED, examples.FRAME_QUOTED])

    assert answer.status_code == 200
    assert [event["status"] for event in answer.json()["events"]] == ["anchored", "anchored"]


def test_without_wait_the_chain_is_not_asked(api: Api) -> None:
    answer = api.send("POST", "/v1/events", json=examples.QUOTED)

    assert (answer.status_code, answer.json()["events"][0]["status"]) == (202, "accepted")
    assert api.gateway.settles_after == 0


def test_when_time_is_up_the_events_are_told_as_they_are() -> None:
    gateway = FakeGateway()
    gateway.settles_after = NEVER
    app = create_app(gateway, production=False)
    app.state.waiting = Waiting(gateway, seconds=0.3)
    with served(app) as client:
        answer = client.post(
            "/v1/events?wait=anchored", json=examples.QUOTED, headers={"Authorization": f"Bearer {OPTICIAN}"}
        )

    assert (answer.status_code, answer.json()["events"][0]["status"]) == (202, "submitted")


def test_many_waits_leave_room_for_every_other_request() -> None:
    gateway = FakeGateway()
    gateway.settles_after = NEVER
    headers = {"Authorization": f"Bearer {OPTICIAN}"}
    with served(create_app(gateway, production=False)) as client:
        waits = [
            threading.Thread(
                target=lambda: client.post("/v1/events?wait=anchored", json=examples.QUOTED, headers=headers)
            )
            for _ in range(MAX_WAITING)
        ]
        for wait in waits:
            wait.start()
        while len(gateway.recorded) < MAX_WAITING:
            pass
        beyond = httpx.post(
            f"{client.base_url}/v1/events?wait=anchored", json=examples.QUOTED, headers=headers, timeout=5
        )
        assert beyond.status_code == 202
        assert httpx.get(f"{client.base_url}/v1/status", headers=headers, timeout=5).status_code == 200
        gateway.settles_after = 0
        for wait in waits:
            wait.join(10)
        assert not any(wait.is_alive() for wait in waits)


@pytest.mark.parametrize("most", [0, 1])
def test_one_wait_more_than_allowed_ends_at_once(most: int) -> None:
    class Counting(FakeGateway):
        looks = 0

        def wait_anchored(self, caller: Caller, events: Sequence[str], seconds: float) -> list[views.EventView]:
            self.looks += 1
            return super().wait_anchored(caller, events, seconds)

    gateway, caller = Counting(), Caller(examples.OPTICIAN, "optician", "1")
    waiting = Waiting(gateway, most=most, seconds=5)
    pending = [replace(gateway.event(caller, examples.EVENT), status="accepted")]

    seen = anyio.run(waiting.until_settled, caller, pending, stays)

    assert gateway.looks == most
    assert seen[0].status == ("anchored" if most else "accepted")
    assert anyio.run(waiting.until_settled, caller, seen, stays) == seen


def test_a_wait_ends_when_the_client_is_gone() -> None:
    async def left() -> bool:
        return True

    gateway, caller = FakeGateway(), Caller(examples.OPTICIAN, "optician", "1")
    pending = [replace(gateway.event(caller, examples.EVENT), status="accepted")]

    assert anyio.run(Waiting(gateway).until_settled, caller, pending, left) == pending
