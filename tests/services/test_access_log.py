"""The access log: what is in it, that it only grows, and that a change shows."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from app.domain.access import BEFORE_THE_FIRST, LOOKS, PURPOSES, THE_GATEWAY, Act, Actor, Deed, Row
from app.errors import InvalidRecord, StoreUnavailable
from app.queries.access_views import ActName, Purpose, Scope
from app.services import access_log, api_keys
from app.services.access_log import Notes, examined
from app.services.api_keys import KeyRenewal, KeyRing, KeyTerms
from app.services.ground import Ground
from app.store import access_log as table
from app.store.access_log import Kept
from app.store.tables import access_log as rows
from tests.support.grounds import GLASSMAKER, INSURER, OPTICIAN, OTHER_OPTICIAN, SetClock, read_only

CLERK = Actor(OPTICIAN, "0a0b0c0d", "till-1", "own_work")
PAYER = Actor(INSURER, "1a1b1c1d", "claims", "claim_check")
DOSSIER = f"{OPTICIAN:08x}" + "d" * 24
ITEM = f"{OPTICIAN:08x}" + "1" * 24


def log_of(ground: Ground, party: int = OPTICIAN) -> list[Kept]:
    with ground.database.reading() as connection:
        return list(table.whole_log(connection, party))


def write(ground: Ground, actor: Actor, *deeds: Deed) -> None:
    for deed in deeds:
        with ground.database.writing(actor.party) as connection:
            access_log.note(ground, connection, actor, deed)


def tamper(ground: Ground, *statements: str) -> None:
    """Change the table as somebody does who may also drop its guards."""
    with ground.database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE access_log DISABLE TRIGGER USER"))
        else:
            for verb in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS access_log_no_{verb}"))
        for statement in statements:
            connection.execute(text(statement))


short = st.text(st.characters(codec="ascii"), max_size=8)
deeds = st.builds(
    Deed,
    st.sampled_from(list(Act)),
    st.none() | st.just(ITEM),
    st.none() | st.just(DOSSIER),
    st.none() | st.integers(1, 2**32 - 1),
    st.lists(short, max_size=3).map(tuple),
    st.none() | short,
)
actors = st.builds(Actor, st.integers(0, 2**32 - 1), st.none() | short, short, st.sampled_from(PURPOSES))
log_rows = st.builds(Row, st.integers(1, 2**60), st.integers(0, 2**40), actors, deeds, st.none() | st.integers(0, 9))


@given(log_rows, log_rows)
def test_rows_that_differ_have_different_hashes(one: Row, other: Row) -> None:
    assert (one.hash(BEFORE_THE_FIRST) == other.hash(BEFORE_THE_FIRST)) == (one == other)
    assert one.hash(BEFORE_THE_FIRST) != one.hash("1" * 64)


def test_the_hash_of_a_row_is_what_it_is_documented_to_be() -> None:
    deed = Deed(Act.CHECKED, DOSSIER, DOSSIER, fields=("coding", "price"))
    row = Row(1, 1_800_000_000, PAYER, deed, deed.owner)

    # sha256sum of the tag's line and the list, written by hand.
    assert row.hash(BEFORE_THE_FIRST) == "1667a0eb46c9f799c2021b781cc3ac310f0fbe58f4acc7f039c717009fdc9f7e"


def test_rows_are_numbered_and_chained_party_by_party(ground: Ground) -> None:
    write(ground, CLERK, Deed(Act.READ, ITEM, DOSSIER), Deed(Act.LISTED, detail="items"))
    write(ground, PAYER, Deed(Act.CHECKED, DOSSIER, DOSSIER, fields=("coding", "price")))
    write(ground, CLERK, Deed(Act.READ, DOSSIER, DOSSIER))

    mine, theirs = log_of(ground), log_of(ground, INSURER)
    assert [each.row.number for each in mine] == [1, 2, 3]
    assert [each.before for each in mine] == [BEFORE_THE_FIRST, mine[0].hash, mine[1].hash]
    assert [(each.row.number, each.before) for each in theirs] == [(1, BEFORE_THE_FIRST)]
    assert theirs[0].row == Row(
        1, ground.clock.now(), PAYER, Deed(Act.CHECKED, DOSSIER, DOSSIER, None, ("coding", "price")), OPTICIAN
    )


def test_an_empty_log_holds(ground: Ground) -> None:
    assert examined(ground, OPTICIAN) == access_log.Finding(0, BEFORE_THE_FIRST, None)


def test_answers_name_the_acts_purposes_and_scopes_that_there_are() -> None:
    assert set(get_args(ActName)) == set(Act)
    assert get_args(Purpose) == PURPOSES
    assert get_args(Scope) == api_keys.SCOPES


BREAKS = [
    ("UPDATE access_log SET label = 'x' WHERE number = 3", "row 3 is not what was written", 2),
    ("UPDATE access_log SET at = at + 1 WHERE number = 1", "row 1 is not what was written", 0),
    ("UPDATE access_log SET act = 'nothing' WHERE number = 5", "row 5 is not what was written", 4),
    ("UPDATE access_log SET owner = NULL WHERE number = 2", "row 2 is not what was written", 1),
    ("UPDATE access_log SET fields = 'price' WHERE number = 2", "row 2 is not what was written", 1),
    ("UPDATE access_log SET before = hash WHERE number = 4", "row 4 does not follow the row before it", 3),
    ("DELETE FROM access_log WHERE number = 1", "row 1 is missing", 0),
    ("DELETE FROM access_log WHERE number = 3", "row 3 is missing", 2),
    ("UPDATE access_log SET number = 9 WHERE number = 5", "row 5 is missing", 4),
]


@pytest.mark.parametrize(("change", "broken", "holding"), BREAKS, ids=[each[0] for each in BREAKS])
def test_the_first_row_that_was_tampered_with_is_named(ground: Ground, change: str, broken: str, holding: int) -> None:
    write(ground, CLERK, *(Deed(Act.READ, f"{OPTICIAN:08x}{number:024x}", DOSSIER) for number in range(5)))
    assert examined(ground, OPTICIAN).broken is None
    tamper(ground, change)

    found = examined(ground, OPTICIAN)
    assert (found.broken, found.rows) == (broken, holding)


def test_a_log_written_anew_or_cut_shows_against_a_row_noted_elsewhere(ground: Ground) -> None:
    write(ground, CLERK, *(Deed(Act.READ, f"{OPTICIAN:08x}{number:024x}", DOSSIER) for number in range(3)))
    noted = examined(ground, OPTICIAN)
    known = (noted.rows, noted.last_hash)
    write(ground, CLERK, Deed(Act.LISTED, detail="items"))
    assert examined(ground, OPTICIAN, known).broken is None

    tamper(ground, "DELETE FROM access_log WHERE number > 2")
    assert examined(ground, OPTICIAN).broken is None
    assert examined(ground, OPTICIAN, known).broken == "the row that was noted elsewhere is missing"
    write(ground, CLERK, Deed(Act.LISTED, detail="dossiers"))
    assert examined(ground, OPTICIAN).broken is None
    assert examined(ground, OPTICIAN, known).broken == "row 3 is not the one that was noted elsewhere"


def test_writers_at_the_same_time_make_one_chain(ground: Ground) -> None:
    def one(number: int) -> None:
        write(ground, CLERK, Deed(Act.READ, f"{OPTICIAN:08x}{number:024x}", DOSSIER))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(40)))

    found = examined(ground, OPTICIAN)
    assert (found.rows, found.broken) == (40, None)


def test_what_fails_leaves_no_row(ground: Ground) -> None:
    def noted_and_failed() -> None:
        with ground.database.writing(OPTICIAN) as connection:
            access_log.note(ground, connection, CLERK, Deed(Act.READ, ITEM, DOSSIER))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        noted_and_failed()
    with pytest.raises(InvalidRecord):
        api_keys.create_api_key(ground, OPTICIAN, KeyTerms(""))

    assert log_of(ground) == []


def test_the_same_deed_is_noted_once_a_minute(ground: Ground, clock: SetClock) -> None:
    notes, deed = Notes(ground), Deed(Act.READ, ITEM, DOSSIER)
    clock.time -= clock.time % 60
    for _ in range(3):
        notes.once_a_minute(CLERK, deed)
        clock.time += 29
    notes.once_a_minute(replace(CLERK, purpose="support"), deed)
    notes.once_a_minute(replace(CLERK, key="ffffffff"), deed)
    notes.once_a_minute(CLERK, replace(deed, fields=("price",)))
    clock.time += 60
    notes.once_a_minute(CLERK, deed)

    assert [each.row.at % 60 for each in log_of(ground)] == [0, 27, 27, 27, 27]


def test_what_could_not_be_noted_is_noted_the_next_time(on_sqlite: Ground) -> None:
    notes, deed = Notes(on_sqlite), Deed(Act.READ, ITEM, DOSSIER)
    with read_only(on_sqlite), pytest.raises(StoreUnavailable):
        notes.once_a_minute(CLERK, deed)
    notes.once_a_minute(CLERK, deed)

    assert len(log_of(on_sqlite)) == 1


def test_every_change_of_a_key_is_noted_with_who_made_it(ground: Ground) -> None:
    made = [api_keys.create_api_key(ground, OPTICIAN, KeyTerms("till-1"), CLERK) for _ in range(2)]
    name = api_keys.id_of(made[0])
    api_keys.rotate_api_key(ground, CLERK, name, KeyRenewal())
    api_keys.revoke_api_key(ground, CLERK, name)
    api_keys.revoke_api_key(ground, CLERK, name)

    assert [(each.row.deed.act, each.row.deed.detail, each.row.actor) for each in log_of(ground)] == [
        ("key_created", name, CLERK),
        ("key_created", api_keys.id_of(made[1]), CLERK),
        ("key_rotated", name, CLERK),
        ("key_revoked", name, CLERK),
    ]


def test_keys_that_are_no_good_are_noted_by_reason(ground: Ground, clock: SetClock) -> None:
    ring = KeyRing(ground, Notes(ground))
    key = api_keys.create_api_key(ground, OPTICIAN)
    other = api_keys.create_api_key(ground, OPTICIAN, KeyTerms(end=api_keys.KeyEnd(after=60)))
    ring.holder_of(key)
    ring.holder_of(key[:12] + "0" * 64)
    ring.holder_of("ot_00000000_" + "0" * 64)
    ring.holder_of("ot_00000001_" + "0" * 64)
    api_keys.revoke_api_key(ground, CLERK, api_keys.id_of(key), even_the_last=True)
    ring.holder_of(key)
    clock.time += 60
    ring.holder_of(other)

    noted = [(each.row.deed.act, each.row.deed.detail) for each in log_of(ground)]
    assert noted[2:4] == [("authenticated", None), ("authentication_failed", "wrong_secret")]
    assert noted[5:] == [("authentication_failed", "revoked"), ("authentication_failed", "expired")]
    stray = log_of(ground, THE_GATEWAY)
    assert [(each.row.deed.act, each.row.deed.detail) for each in stray] == [("authentication_failed", "unknown")]
    assert key not in repr(log_of(ground))


def read_by(ground: Ground, party: int, subject: str | None = None) -> list[tuple[int, str]]:
    with ground.database.reading() as connection:
        found = table.rows_to_read(connection, party, subject, None, 50)
    return [(each.row.actor.party, each.row.deed.act) for each in found]


def test_an_optician_reads_who_looked_at_its_dossiers_and_nobody_elses(ground: Ground) -> None:
    for act in Act:
        write(ground, PAYER, Deed(act, DOSSIER, DOSSIER))
    write(ground, PAYER, Deed(Act.CHECKED, f"{OTHER_OPTICIAN:08x}" + "e" * 24))
    write(ground, Actor(GLASSMAKER, None, "erp"), Deed(Act.READ, ITEM, DOSSIER))

    assert set(read_by(ground, OPTICIAN)) == {(INSURER, act) for act in LOOKS} | {(GLASSMAKER, "read")}
    assert read_by(ground, OTHER_OPTICIAN) == [(INSURER, "checked")]
    assert read_by(ground, GLASSMAKER) == [(GLASSMAKER, "read")]
    assert read_by(ground, OPTICIAN, ITEM) == [(GLASSMAKER, "read")]
    assert (GLASSMAKER, "read") in read_by(ground, OPTICIAN, DOSSIER)
    assert read_by(ground, OTHER_OPTICIAN, DOSSIER) == []


def test_pages_show_every_row_once_newest_first(ground: Ground, clock: SetClock) -> None:
    for number in range(7):
        write(ground, CLERK, Deed(Act.READ, f"{OPTICIAN:08x}{number:024x}", DOSSIER))
        write(ground, PAYER, Deed(Act.READ, f"{OPTICIAN:08x}{number:024x}", DOSSIER))
        clock.time += number % 2
    with ground.database.reading() as connection:
        whole = table.rows_to_read(connection, OPTICIAN, None, None, 50)
        seen: list[Kept] = []
        after = None
        while page := table.rows_to_read(connection, OPTICIAN, None, after, 3):
            seen += page
            last = page[-1].row
            after = (last.at, last.actor.party, last.number)
        count = connection.execute(select(func.count()).select_from(rows)).scalar_one()

    assert seen == whole
    assert len(seen) == count == 14
    assert [each.row.at for each in seen] == sorted((each.row.at for each in seen), reverse=True)
