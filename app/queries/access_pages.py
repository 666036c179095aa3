"""API keys and the access log, page by page."""

from app.domain.packages import moment
from app.queries.access_views import AccessPage, AccessView, KeyPage, KeyView
from app.queries.lists import cursor_of, key_of
from app.services.ground import not_found
from app.store import access, access_log
from app.store.access import ApiKey
from app.store.access_log import Kept
from app.store.database import Connection


def key_page(connection: Connection, party: int, cursor: str | None, limit: int, now: int) -> KeyPage:
    """The party's keys, newest first; raises BadCursor."""
    after = key_of(cursor, int, int)
    found = access.keys_of(connection, party, after and (after[0], f"{after[1]:08x}"), limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    following = None if last is None else cursor_of((last.created_at, int(last.id, 16)))
    return KeyPage([_key(each, now) for each in found[:limit]], following)


def key_view(connection: Connection, party: int, key_id: str, now: int) -> KeyView:
    """One key of the party; raises NotFound."""
    found = access.api_key(connection, key_id)
    if found is None or found.party != party:
        raise not_found()
    return _key(found, now)


def _key(key: ApiKey, now: int) -> KeyView:
    overlaps = key.old_until is not None and now < key.old_until and key.active(now)
    return KeyView(
        key=key.id,
        label=key.label,
        scope="all" if key.scope == "all" else "read",
        active=key.active(now),
        created_at=moment(key.created_at),
        expires_at=_moment(key.expires_at),
        last_used=_moment(key.used_at),
        revoked_at=_moment(key.revoked_at),
        old_secret_until=_moment(key.old_until) if overlaps else None,
    )


def _moment(at: int | None) -> str | None:
    return None if at is None else moment(at)


def access_page(connection: Connection, party: int, subject: str | None, cursor: str | None, limit: int) -> AccessPage:
    """The party's own log and others' looks at its dossiers, newest first; raises BadCursor."""
    found = access_log.rows_to_read(connection, party, subject, key_of(cursor, int, int, int), limit + 1)
    following = None
    if len(found) > limit:
        last = found[limit - 1].row
        following = cursor_of((last.at, last.actor.party, last.number))
    return AccessPage([_entry(each, party) for each in found[:limit]], following)


def _entry(kept: Kept, party: int) -> AccessView:
    row, deed, own = kept.row, kept.row.deed, kept.row.actor.party == party
    return AccessView(
        party=row.actor.party,
        at=moment(row.at),
        act=deed.act,  # type: ignore[arg-type]  # the table holds no other
        purpose=row.actor.purpose,  # type: ignore[arg-type]  # nor here
        subject=deed.subject,
        dossier=deed.dossier,
        counterparty=deed.counterparty,
        fields=list(deed.fields),
        detail=deed.detail if own else None,
        number=row.number if own else None,
        key=row.actor.key if own else None,
        label=row.actor.label if own else None,
        hash=kept.hash if own else None,
    )
