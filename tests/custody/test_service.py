"""Key-encryption keys that a service keeps, over HTTP."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.custody.ring import KeyRing
from app.custody.service import KeyService
from app.errors import StoreUnavailable, VaultUnreadable
from tests.support.key_service import Service, key_service

CONTEXT, DATA_KEY = b"whose", secrets.token_bytes(32)


@dataclass
class Seconds:
    """A clock that is set."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def service() -> Iterator[Service]:
    with key_service(KeyRing({"old": secrets.token_bytes(32), "new": secrets.token_bytes(32)})) as found:
        yield found


def test_the_service_wraps_and_unwraps_and_its_keys_stay_there(service: Service) -> None:
    keys = KeyService(service.url + "/", "a token")
    assert keys.newest == "new"
    wrapped = keys.wrap("old", [(CONTEXT, DATA_KEY), (b"", DATA_KEY)])
    assert keys.unwrap("old", [(CONTEXT, wrapped[0]), (b"", wrapped[1])]) == [DATA_KEY, DATA_KEY]
    assert service.ring.unwrap("old", [(CONTEXT, wrapped[0])]) == [DATA_KEY]
    assert service.asked == ["GET /keys", "POST /keys/old/wrap", "POST /keys/old/unwrap"]
    assert set(service.tokens) == {"Bearer a token"}


def test_what_was_unwrapped_is_remembered_for_a_minute(service: Service) -> None:
    clock = Seconds()
    keys = KeyService(service.url, clock=clock)
    entries = [(bytes([number]), wrapped) for number, wrapped in enumerate(keys.wrap("old", _many(3)))]
    for at, asked in ((0.0, 1), (59.0, 1), (60.0, 2)):
        clock.now = at
        assert keys.unwrap("old", entries) == [DATA_KEY] * 3
        assert service.asked.count("POST /keys/old/unwrap") == asked


def _many(count: int) -> list[tuple[bytes, bytes]]:
    return [(bytes([number]), DATA_KEY) for number in range(count)]


def test_a_key_that_the_service_does_not_have_is_named(service: Service) -> None:
    with pytest.raises(VaultUnreadable, match="the key-encryption key lost is missing"):
        KeyService(service.url).wrap("lost", [(CONTEXT, DATA_KEY)])


def test_a_wrapped_key_that_is_not_whole_is_refused(service: Service) -> None:
    keys = KeyService(service.url)
    (wrapped,) = keys.wrap("old", [(CONTEXT, DATA_KEY)])
    with pytest.raises(VaultUnreadable, match="cannot be unwrapped"):
        keys.unwrap("old", [(b"another", wrapped)])


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}, b""),
        (200, {}, b"no json"),
        (200, {}, b"[]"),
        (200, {}, b'{"keys": []}'),
        (200, {}, b'{"keys": [7]}'),
        (200, {}, b'{"keys": ["not base64"]}'),
        (200, {}, b'{"keys": ["YWJj"]}'),
        (302, {"Location": "/elsewhere"}, b""),
    ],
)
def test_what_is_no_proper_answer_counts_as_none(service: Service, answer: tuple[int, dict[str, str], bytes]) -> None:
    service.answer = answer
    with pytest.raises(StoreUnavailable):
        KeyService(service.url).unwrap("old", [(CONTEXT, DATA_KEY)])
    assert service.asked == ["POST /keys/old/unwrap"]


def test_a_name_of_the_newest_key_that_is_none_is_refused(service: Service) -> None:
    service.answer = (200, {}, b'{"newest": "../secrets"}')
    with pytest.raises(StoreUnavailable):
        _ = KeyService(service.url).newest


def test_a_service_that_is_away_is_no_fault_of_what_is_stored() -> None:
    keys = KeyService("http://127.0.0.1:9")
    with pytest.raises(StoreUnavailable, match="does not answer"):
        keys.unwrap("old", [(CONTEXT, DATA_KEY)])
