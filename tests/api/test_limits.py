"""How many requests one sender may send."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api import examples
from app.api.app import create_app
from app.api.errors import TooManyRequests
from app.api.limits import MOST_BUCKETS, Buckets, Gate, Rate
from app.api.problems import MEDIA_TYPE
from tests.api.conftest import Api
from tests.api.fake import GLASSMAKER, OPTICIAN, READ_ONLY, FakeGateway
from tests.api.serving import served

GLASSMAKER_NUMBER, OPTICIAN_NUMBER, INSURER_NUMBER = 2, 1, 3


@dataclass
class Seconds:
    """A clock to set."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def taken(buckets: Buckets, name: int | str) -> bool:
    try:
        buckets.take(name)
    except TooManyRequests:
        return False
    return True


def test_a_burst_is_let_in_and_then_the_rate() -> None:
    clock = Seconds()
    buckets = Buckets(Rate(2.0, 3), clock)
    assert [taken(buckets, 1) for _ in range(5)] == [True] * 3 + [False] * 2
    clock.now += 0.5
    assert [taken(buckets, 1) for _ in range(2)] == [True, False]
    clock.now += 100

    assert [taken(buckets, 1) for _ in range(4)] == [True] * 3 + [False]


@pytest.mark.parametrize(("rate", "wait"), [(Rate(10.0, 1), 1), (Rate(0.1, 1), 10), (Rate(0.3, 1), 4)])
def test_after_the_time_it_is_told_to_wait_a_sender_is_let_in(rate: Rate, wait: int) -> None:
    clock = Seconds()
    buckets = Buckets(rate, clock)
    buckets.take("shop")
    with pytest.raises(TooManyRequests) as refused:
        buckets.take("shop")
    assert refused.value.seconds == wait
    clock.now += refused.value.seconds

    buckets.take("shop")


@given(
    st.floats(0.5, 50),
    st.integers(1, 20),
    st.lists(st.tuples(st.floats(0, 3), st.integers(0, 2)), max_size=60),
)
def test_no_sender_gets_more_than_burst_and_rate_and_none_takes_from_another(
    rate: float, burst: int, requests: list[tuple[float, int]]
) -> None:
    clock = Seconds()
    buckets, alone = Buckets(Rate(rate, burst), clock), Buckets(Rate(rate, burst), clock)
    begin, let_in = clock.now, dict.fromkeys(range(3), 0)
    for pause, sender in requests:
        clock.now += pause
        got = taken(buckets, sender)
        let_in[sender] += got
        if sender == 0:
            assert taken(alone, 0) == got

    most = burst + math.ceil((clock.now - begin) * rate)
    assert max(let_in.values()) <= most


def test_names_are_forgotten_before_they_fill_the_memory() -> None:
    buckets = Buckets(Rate(1.0, 1), Seconds())
    for number in range(MOST_BUCKETS):
        buckets.take(f"address {number}")
    assert not taken(buckets, "address 0")
    buckets.take("one more")

    assert taken(buckets, "address 1")
    assert not taken(buckets, "one more")


def test_one_network_of_ipv6_is_one_sender() -> None:
    gate = Gate(Rate(1.0, 1), Seconds())
    gate.let_in_address("2001:db8:1:2::1")
    gate.let_in_address("2001:db8:1:3::1")
    gate.let_in_address("192.0.2.1")
    gate.let_in_address("192.0.2.2")
    gate.let_in_address("")

    with pytest.raises(TooManyRequests):
        gate.let_in_address("2001:db8:1:2:ffff::9")
    with pytest.raises(TooManyRequests):
        gate.let_in_address("192.0.2.1")


@contextmanager
def limited(rate: Rate) -> Iterator[tuple[Api, Seconds]]:
    gateway, clock = FakeGateway(), Seconds()
    with served(create_app(gateway, production=False, gate=Gate(rate, clock))) as client:
        yield Api(client, gateway), clock


def refused(answer: httpx.Response) -> str:
    """The seconds to wait that a refusal names."""
    assert answer.status_code == 429, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json()["code"] == "too_many_requests"
    return answer.headers["retry-after"]


def test_a_party_that_sends_too_much_is_told_when_to_come_again() -> None:
    with limited(Rate(0.1, 2)) as (api, clock):
        assert [api.send("GET", "/v1/status").status_code for _ in range(2)] == [200] * 2
        assert refused(api.send("POST", "/v1/events", json=examples.QUOTED)) == "10"
        assert refused(api.send("GET", "/v1/status", READ_ONLY)) == "10"
        assert api.gateway.recorded == []
        assert {each.party for each in api.gateway.sent_away} == {examples.OPTICIAN}
        assert api.send("GET", "/v1/status", GLASSMAKER).status_code == 200
        clock.now += 10

        assert api.send("POST", "/v1/events", json=examples.QUOTED).status_code == 202


def test_bad_keys_from_an_address_do_not_shut_out_the_good_ones_there() -> None:
    wrong = OPTICIAN[:-1] + "0"
    with limited(Rate(1.0, 10)) as (api, _):
        assert [api.send("GET", "/v1/status", wrong).status_code for _ in range(2)] == [401] * 2
        assert refused(api.send("GET", "/v1/status", wrong)) == "10"
        assert refused(api.send("GET", "/v1/status", None)) == "10"
        assert api.gateway.sent_away == []

        assert api.send("GET", "/v1/status").status_code == 200
        assert api.send("GET", "/healthz", None).status_code == 200


def test_no_header_chooses_the_address_that_a_sender_is_counted_under() -> None:
    with limited(Rate(0.5, 2)) as (api, _):
        given = [{"X-Forwarded-For": f"192.0.2.{number}", "Forwarded": f"for=192.0.2.{number}"} for number in range(3)]
        answers = [api.client.get("/healthz", headers=each).status_code for each in given]

    assert answers == [200, 200, 429]


def test_what_needs_no_key_is_limited_by_address() -> None:
    with limited(Rate(0.5, 3)) as (api, _):
        assert [api.send("GET", path, None).status_code for path in ("/healthz", "/readyz", "/metrics")] == [200] * 3
        assert refused(api.send("GET", "/metrics", None)) == "2"
        assert api.send("GET", "/v1/status").status_code == 200


def test_one_party_sends_another_sealed_only_so_much_and_a_third_is_not_held_up() -> None:
    clock = Seconds()
    gate = Gate(Rate(40.0, 6), clock)
    for _ in range(3):
        gate.let_in_letter(GLASSMAKER_NUMBER, OPTICIAN_NUMBER)
    with pytest.raises(TooManyRequests) as refused:
        gate.let_in_letter(GLASSMAKER_NUMBER, OPTICIAN_NUMBER)
    assert refused.value.seconds == 1
    gate.let_in_letter(INSURER_NUMBER, OPTICIAN_NUMBER)
    gate.let_in_letter(GLASSMAKER_NUMBER, INSURER_NUMBER)
    clock.now += 1
    gate.let_in_letter(GLASSMAKER_NUMBER, OPTICIAN_NUMBER)


def test_a_sender_of_too_many_sealed_packages_is_told_when_to_come_again() -> None:
    sealed, sort = str(examples.SEALED["order"]["value"]), {"Content-Type": "application/jose"}
    with limited(Rate(40.0, 4)) as (api, clock):

        def post() -> httpx.Response:
            return api.client.post("/v1/exchange", content=sealed, headers=sort)

        assert [post().status_code for _ in range(2)] == [200, 200]
        assert refused(post()) == "1"
        assert len(api.gateway.received) == 2
        clock.now += 1
        assert post().status_code == 200
