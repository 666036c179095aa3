"""API keys: made, used, rotated, ended."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.access import Actor
from app.errors import InvalidRecord, KeyRefused, NotFound, NotPermitted
from app.services import api_keys
from app.services.access_log import Notes
from app.services.api_keys import Holder, KeyEnd, KeyRenewal, KeyRing, KeyTerms
from app.services.ground import Ground
from app.store import access
from app.store.access import ApiKey
from tests.support.grounds import OPTICIAN, OTHER_OPTICIAN, SetClock, read_only

STAFF = Actor(OPTICIAN, "0" * 8, "manager")
DAY = 24 * 3600


@pytest.fixture
def ring(ground: Ground) -> KeyRing:
    return KeyRing(ground, Notes(ground))


def stored(ground: Ground, api_key: str) -> ApiKey:
    with ground.database.reading() as connection:
        found = access.api_key(connection, api_keys.id_of(api_key))
    assert found is not None
    return found


def made(ground: Ground, label: str = "till-1", scope: str = "all", end: KeyEnd | None = None) -> str:
    return api_keys.create_api_key(ground, OPTICIAN, KeyTerms(label, scope, end or KeyEnd()), STAFF)


def test_a_key_tells_its_party_and_holder(ground: Ground, ring: KeyRing) -> None:
    key = made(ground, "stock-screen-1", "read")

    assert ring.holder_of(key) == Holder(OPTICIAN, api_keys.id_of(key), "stock-screen-1", "read")


def test_of_a_secret_only_its_digest_is_stored(ground: Ground) -> None:
    key = made(ground)

    assert key.split("_")[2] not in repr(stored(ground, key))


def test_nearly_a_key_is_none(ground: Ground, ring: KeyRing) -> None:
    key = made(ground)
    other = made(ground)
    wrong: list[Callable[[], str]] = [
        lambda: key[:-1] + ("0" if key[-1] != "0" else "1"),
        lambda: key[:12] + other[12:],
        lambda: key.upper(),
        lambda: key + "\n",
        lambda: "ot_00000000_" + key[12:],
        lambda: "",
    ]

    assert [ring.holder_of(each()) for each in wrong] == [None] * len(wrong)


def test_an_end_is_the_first_moment_at_which_the_key_is_no_good(ground: Ground, ring: KeyRing, clock: SetClock) -> None:
    key, dated = made(ground, end=KeyEnd(after=60)), made(ground, end=KeyEnd(at=clock.now() + 60))
    clock.time += 59
    assert ring.holder_of(key) is not None
    assert ring.holder_of(dated) is not None
    clock.time += 1

    assert ring.holder_of(key) is None
    assert ring.holder_of(dated) is None


@pytest.mark.parametrize(
    ("terms", "where"),
    [
        (KeyTerms(""), "/label"),
        (KeyTerms("Anne Row"), "/label"),
        (KeyTerms("x" * 41), "/label"),
        (KeyTerms("Anne\nrow"), "/label"),
        (KeyTerms("é"), "/label"),
        (KeyTerms("1-84-12-76-451-089-46"), "/label"),
        (KeyTerms("till-of-1841276451089"), "/label"),
        (KeyTerms("till-of-31-07-1952"), "/label"),
        (KeyTerms("till-1", "write"), "/scope"),
        (KeyTerms("till-1", end=KeyEnd(after=0)), "/expires_at"),
        (KeyTerms("till-1", end=KeyEnd(at=5)), "/expires_at"),
        (KeyTerms("till-1", end=KeyEnd(at=2**40, after=5)), "/expires_in_seconds"),
    ],
)
def test_terms_that_cannot_be_make_no_key(ground: Ground, terms: KeyTerms, where: str) -> None:
    with pytest.raises(InvalidRecord) as refused:
        api_keys.create_api_key(ground, OPTICIAN, terms, STAFF)

    assert refused.value.where == where
    with ground.database.reading() as connection:
        assert access.active_keys(connection, OPTICIAN, ground.clock.now()) == []


def test_a_party_has_no_more_active_keys_than_can_be_told_apart(ground: Ground) -> None:
    keys = [made(ground) for _ in range(api_keys.MOST_KEYS)]
    with pytest.raises(KeyRefused):
        made(ground)
    api_keys.revoke_api_key(ground, STAFF, api_keys.id_of(keys[0]))

    made(ground)
    api_keys.create_api_key(ground, OTHER_OPTICIAN)


def test_a_rotated_key_keeps_its_name_and_loses_its_old_secret(ground: Ground, ring: KeyRing) -> None:
    old = made(ground, "till-1", "read")
    new = api_keys.rotate_api_key(ground, STAFF, api_keys.id_of(old), KeyRenewal())

    assert api_keys.id_of(new) == api_keys.id_of(old)
    assert ring.holder_of(old) is None
    assert ring.holder_of(new) == Holder(OPTICIAN, api_keys.id_of(old), "till-1", "read")


def test_an_old_secret_is_good_for_the_overlap_and_no_longer(ground: Ground, ring: KeyRing, clock: SetClock) -> None:
    old = made(ground)
    new = api_keys.rotate_api_key(ground, STAFF, api_keys.id_of(old), KeyRenewal(DAY))
    clock.time += DAY - 1
    assert ring.holder_of(old) is not None
    clock.time += 1

    assert ring.holder_of(old) is None
    assert ring.holder_of(new) is not None


def test_a_second_rotation_ends_what_the_first_let_live(ground: Ground, ring: KeyRing) -> None:
    first = made(ground)
    second = api_keys.rotate_api_key(ground, STAFF, api_keys.id_of(first), KeyRenewal(DAY))
    third = api_keys.rotate_api_key(ground, STAFF, api_keys.id_of(first), KeyRenewal(DAY))

    assert ring.holder_of(first) is None
    assert ring.holder_of(second) is not None
    assert ring.holder_of(third) is not None


def test_a_rotation_may_move_the_end_and_else_leaves_it(ground: Ground, clock: SetClock) -> None:
    key = made(ground, end=KeyEnd(after=DAY))
    before = stored(ground, key).expires_at
    api_keys.rotate_api_key(ground, STAFF, api_keys.id_of(key), KeyRenewal())
    assert stored(ground, key).expires_at == before
    api_keys.rotate_api_key(ground, STAFF, api_keys.id_of(key), KeyRenewal(end=KeyEnd(after=9 * DAY)))

    assert stored(ground, key).expires_at == clock.now() + 9 * DAY


@pytest.mark.parametrize("overlap", [-1, api_keys.LONGEST_OVERLAP + 1])
def test_an_overlap_has_bounds(ground: Ground, overlap: int) -> None:
    key = made(ground)

    with pytest.raises(InvalidRecord, match="overlap"):
        api_keys.rotate_api_key(ground, STAFF, api_keys.id_of(key), KeyRenewal(overlap))


def test_an_ended_key_is_no_good_and_gets_no_new_secret(ground: Ground, ring: KeyRing, clock: SetClock) -> None:
    made(ground)
    revoked, expired = made(ground), made(ground, end=KeyEnd(after=5))
    rotated = api_keys.rotate_api_key(ground, STAFF, api_keys.id_of(revoked), KeyRenewal(DAY))
    api_keys.revoke_api_key(ground, STAFF, api_keys.id_of(revoked))
    clock.time += 5

    assert [ring.holder_of(each) for each in (revoked, rotated, expired)] == [None] * 3
    for each in (revoked, expired):
        with pytest.raises(KeyRefused):
            api_keys.rotate_api_key(ground, STAFF, api_keys.id_of(each), KeyRenewal())


def test_revoking_again_changes_nothing(ground: Ground, clock: SetClock) -> None:
    made(ground)
    key = made(ground)
    api_keys.revoke_api_key(ground, STAFF, api_keys.id_of(key))
    before = stored(ground, key)
    clock.time += 60
    api_keys.revoke_api_key(ground, STAFF, api_keys.id_of(key))

    assert stored(ground, key) == before


def test_the_last_key_that_may_do_everything_stays_unless_the_operator_ends_it(ground: Ground, clock: SetClock) -> None:
    last, _, short = made(ground), made(ground, scope="read"), made(ground, end=KeyEnd(after=60))
    api_keys.create_api_key(ground, OTHER_OPTICIAN)
    clock.time += 60
    with pytest.raises(KeyRefused):
        api_keys.revoke_api_key(ground, STAFF, api_keys.id_of(last))
    api_keys.revoke_api_key(ground, STAFF, api_keys.id_of(short))
    assert stored(ground, last).revoked_at is None
    api_keys.revoke_api_key(ground, STAFF, api_keys.id_of(last), even_the_last=True)

    assert stored(ground, last).revoked_at == clock.now()


def test_another_partys_key_is_answered_as_absent(ground: Ground) -> None:
    theirs = api_keys.id_of(api_keys.create_api_key(ground, OTHER_OPTICIAN))
    acts: list[Callable[[str], object]] = [
        lambda key: api_keys.rotate_api_key(ground, STAFF, key, KeyRenewal()),
        lambda key: api_keys.revoke_api_key(ground, STAFF, key),
    ]
    for act in acts:
        told = []
        for name in (theirs, "0" * 8):
            with pytest.raises(NotFound) as refused:
                act(name)
            told.append((str(refused.value), refused.value.mend))
        assert told[0] == told[1]


def test_a_key_whose_party_left_the_gateway_is_none(ground: Ground, ring: KeyRing) -> None:
    assert ring.holder_of(api_keys.create_api_key(ground, 777)) is None


def test_last_use_is_written_once_a_minute(ground: Ground, ring: KeyRing, clock: SetClock) -> None:
    key = made(ground)
    clock.time -= clock.time % 60
    begin = clock.time
    for later in (0, 30, 59):
        clock.time = begin + later
        ring.holder_of(key)
        assert stored(ground, key).used_at == begin
    clock.time = begin + 60
    ring.holder_of(key)

    assert stored(ground, key).used_at == begin + 60


def test_a_database_that_takes_no_writes_still_lets_keys_in(on_sqlite: Ground) -> None:
    ring, key = KeyRing(on_sqlite, Notes(on_sqlite)), made(on_sqlite)
    with read_only(on_sqlite):
        assert ring.holder_of(key) is not None
        assert ring.holder_of(key[:-4] + "0000") is None
    assert stored(on_sqlite, key).used_at is None
    ring.holder_of(key)

    assert stored(on_sqlite, key).used_at is not None


def test_only_the_whole_scope_may_change_anything() -> None:
    api_keys.require_all("all")
    with pytest.raises(NotPermitted):
        api_keys.require_all("read")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["rotate", "overlap", "revoke", "wait"]), max_size=8))
def test_whatever_was_done_only_secrets_that_should_be_good_are(
    ground: Ground, ring: KeyRing, clock: SetClock, acts: list[str]
) -> None:
    made(ground)
    key = made(ground)
    good: dict[str, int | None] = {key: None}
    dead: set[str] = set()
    for act in acts:
        name = api_keys.id_of(key)
        if act == "wait":
            clock.time += 50
        elif act == "revoke":
            api_keys.revoke_api_key(ground, STAFF, name)
            dead, good = dead | set(good), {}
        elif good:
            newest = max(good, key=lambda each: good[each] is None)
            overlap = 100 if act == "overlap" else 0
            new = api_keys.rotate_api_key(ground, STAFF, name, KeyRenewal(overlap))
            dead |= set(good) - {newest}
            good = {new: None} | ({newest: clock.time + 100} if overlap else {})
            dead |= set() if overlap else {newest}
        for each, until in good.items():
            assert (ring.holder_of(each) is not None) == (until is None or clock.time < until)
        assert all(ring.holder_of(each) is None for each in dead)
    api_keys.revoke_api_key(ground, STAFF, api_keys.id_of(key))
