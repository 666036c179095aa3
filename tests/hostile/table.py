"""
Who may do what: the one table; `matrix.py` has the request behind each of its cells.

A cell holds the status for an id of one's own, one of another party's, and one that nobody gave out; a single status
where the operation takes no id. `read` and `suspended` say what a key that may only read and a suspended party get in
place of a success.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.store.registry import Role
from tests.hostile.trade import AUDITOR, INSURER, MAKER, SHOP

ACTORS: Final[Mapping[Role, int]] = {
    Role.OPTICIAN: SHOP,
    Role.GLASSMAKER: MAKER,
    Role.INSURER: INSURER,
    Role.AUDITOR: AUDITOR,
}
WHOSE: Final = ("own", "other", "absent")
SAME: Final = 0


@dataclass(frozen=True)
class Row:
    """One operation: a cell for each role, and what weaker standing gets instead of the success."""

    optician: str
    glassmaker: str
    insurer: str
    auditor: str
    read: int = SAME
    suspended: int = SAME
    open: bool = False

    def expected(self, role: Role, whose: str) -> int:
        """The status for an active party with a good key of scope `all`."""
        cell: list[str] = getattr(self, role.label).split()
        return int(cell[WHOSE.index(whose) if len(cell) > 1 else 0])

    @property
    def ids(self) -> tuple[str, ...]:
        """Whose ids there are to try."""
        return WHOSE if " " in self.optician else WHOSE[:1]


_NO = "403 403 403"
_NONE = "404 404 404"
_ONE = Row("200 404 404", "200 404 404", "200 404 404", "200 200 404")
_LIST = Row("200 200 200", "200 200 200", "200 200 200", "200 200 200")
_PACKAGE = Row("200 404 404", "200 404 404", "200 404 404", "404 404 404")
_PLAIN = Row("200", "200", "200", "200")
_OPEN = Row("200", "200", "200", "200", open=True)
_KEY = Row("200 404 404", "200 404 404", "200 404 404", "200 404 404", read=403)
_BY_OPTICIAN = Row("202 404 404", _NO, _NO, _NO, read=403, suspended=403)
_BY_GLASSMAKER = Row(_NO, "202 404 404", _NO, _NO, read=403, suspended=403)
_BY_BOTH = Row("202 404 404", "202 404 404", _NO, _NO, read=403, suspended=403)
_OUT_OF_TURN = Row("409 404 404", _NO, _NO, _NO, read=403, suspended=403)
_BY_INSURER = Row(_NO, _NO, "202 404 404", _NO, read=403, suspended=403)
_OTHERWISE = (
    "mounted",
    "refused_on_arrival",
    "broken_at_edging",
    "returned",
    "withdrawn",
    "renewal_stated",
    "answered",
)
_ABOUT_COVER = ("cover_requested", "cover_cancelled")

TABLE: Final[Mapping[str, Row]] = {
    "POST /v1/events quoted": Row("202", "403", "403", "403", read=403, suspended=403),
    "POST /v1/events ordered": _BY_OPTICIAN,
    "POST /v1/events manufactured": _BY_GLASSMAKER,
    "POST /v1/events shipped": _BY_GLASSMAKER,
    "POST /v1/events received": _BY_OPTICIAN,
    "POST /v1/events delivered": _BY_OPTICIAN,
    "POST /v1/events invoiced": _BY_OPTICIAN,
    "POST /v1/events lot_shipped": Row("403", "202", "403", "403", read=403, suspended=403),
    "POST /v1/events lot_transferred": Row("404", "403", "403", "403", read=403, suspended=403),
    "POST /v1/events breakage_replaced": Row("422 404 404", _NO, _NO, _NO, read=403, suspended=403),
    **{f"POST /v1/events {kind}": _OUT_OF_TURN for kind in ("exchanged", "drawn")},
    **{f"POST /v1/events {kind}": _BY_INSURER for kind in ("verified", "cover_answered", "decided")},
    "POST /v1/events opening_demanded": Row(_NO, _NO, "202 404 404", "202 202 404", read=403, suspended=403),
    **{f"POST /v1/events {kind}": _BY_GLASSMAKER for kind in ("acknowledged", "credited")},
    **{f"POST /v1/events {kind}": _BY_BOTH for kind in ("substituted", "cancelled", "error_declared")},
    **{f"POST /v1/events {kind}": _BY_OPTICIAN for kind in (*_OTHERWISE, *_ABOUT_COVER)},
    "GET /v1/events/{event}": Row("200 404 404", "200 404 404", "200 404 404", "404 404 404"),
    "GET /v1/items": _LIST,
    "GET /v1/items/{item}": _ONE,
    "GET /v1/items/{item}/package": _PACKAGE,
    "DELETE /v1/items/{item}/record": Row("202 404 404", "202 404 404", "202 404 404", _NONE, read=403),
    "GET /v1/dossiers": _LIST,
    "GET /v1/dossiers/{dossier}": _ONE,
    "GET /v1/dossiers/{dossier}/openings": _ONE,
    "GET /v1/dossiers/{dossier}/package": _PACKAGE,
    "POST /v1/verifications": Row("200 404 404", "200 404 404", "200 404 404", "200 200 404"),
    "POST /v1/verifications record": Row(
        "403 404 404", "403 404 404", "200 404 404", "403 403 404", read=403, suspended=403
    ),
    "GET /v1/verdict-changes": _PLAIN,
    "POST /v1/packages": Row("201 422 422", "201 422 422", "201 422 422", "422 422 422", read=403),
    "POST /v1/exchange": Row("415", "415", "415", "415", open=True),
    "GET /v1/exchange/outbox": _PLAIN,
    "GET /v1/exchange/inbox": _PLAIN,
    "GET /v1/inbox": _PLAIN,
    "GET /v1/audit/events": Row(_NO, _NO, _NO, "200 200 200"),
    "GET /v1/parties": _PLAIN,
    "GET /v1/mapping-tables": _PLAIN,
    "GET /v1/status": _PLAIN,
    "GET /v1/keys": Row("200", "200", "200", "200", read=403),
    "POST /v1/keys": Row("201", "201", "201", "201", read=403),
    "POST /v1/keys/{key}/rotate": _KEY,
    "DELETE /v1/keys/{key}": _KEY,
    "GET /v1/access": _LIST,
    "GET /healthz": _OPEN,
    "GET /readyz": Row("503", "503", "503", "503", open=True),
    "GET /metrics": _OPEN,
}
TELLS_APART: Final = {
    "GET /v1/audit/events",  # an auditor sees every step
    "GET /v1/access",  # one's own looks at an id are in one's own log, denied ones too
    "POST /v1/packages",  # the answer is about the body alone, which the caller has: one is well signed, one is not
}
"""Where another party's id and one that nobody gave out are answered alike in status, but not in content."""
