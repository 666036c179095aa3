"""Whether a party holds anything of some groups, told without opening anything of it."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from app.domain.schemas import GROUPS_OF_DOSSIERS
from app.domain.stock import DRAWN_CODING
from app.store import own
from app.store.vault_tables import vault_group_keys, vault_secrets, vault_values


def holds_any(connection: Connection, party: int, subjects: Collection[str], groups: Collection[str]) -> bool:
    """Whether the party holds values or a key of one of these groups of one of these subjects."""
    if not groups:
        return False
    # A secret is the key of every group that its subject can have.
    names = {*groups, DRAWN_CODING} if "coding" in groups else {*groups}
    traces = (
        select(table.c.subject).where(table.c.party == party, table.c.subject.in_(subjects), *of_groups)
        for table, of_groups in (
            (vault_secrets, ()),
            (vault_group_keys, (vault_group_keys.c.group_name.in_(names),)),
            (vault_values, (vault_values.c.group_name.in_(names),)),
        )
    )
    return any(connection.execute(each.limit(1)).first() is not None for each in traces)


def holds_any_in(connection: Connection, party: int, dossier: str, groups: Collection[str]) -> bool:
    """The same of a dossier and of all its items that the party knows: each group where it belongs."""
    of_dossier = GROUPS_OF_DOSSIERS.intersection(groups)
    items = [each.item for each in own.items_in(connection, party, dossier)]
    return holds_any(connection, party, [dossier], of_dossier) or holds_any(
        connection, party, items, {*groups} - of_dossier
    )
