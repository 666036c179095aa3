"""
Check a dossier: the ledger verdict, and what opening shows against a claim.

The insurer checks its own claim, not the optician's word: the values it was asked to pay are committed again under the
keys it holds and compared with every root on the ledger, the glassmaker's among them. Answers come from the mirror;
the chain is not waited for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain import conformity
from app.domain.commitment import group_root
from app.domain.conformity import Case, Finding, Judgement, Verdict
from app.domain.facts import SECTION_GROUPS, DossierState, ItemState
from app.domain.reading import Reading
from app.domain.records import GroupValues, group_values
from app.domain.renewals import renewal_explained, replaces_unknown
from app.domain.steps import INVOICE_GROUPS, Kind
from app.domain.stock import UNIT_GROUPS
from app.errors import InvalidRecord, PackageMissing
from app.services.check_renewal import renewed_too_soon
from app.services.claim_findings import Check, ClaimFinding, claim_findings, claim_verdict
from app.services.drafts import VerificationDraft
from app.services.ground import Ground, not_found
from app.services.stock import drawn_key
from app.store import own, read_model, vault
from app.store.database import Connection
from app.store.notices import outages
from app.store.read_model import RecordedStep
from app.store.registry import Role
from app.store.shelf import StoredFacts

DOSSIER_SCHEMA = "dossier/1"
_OF_THE_UNIT = (Kind.DRAWN, Kind.DELIVERED, Kind.INVOICED)
"""The kinds that commit what was drawn from stock under the unit's own keys, the price apart."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer to a check. `claim` is None where nothing was opened or found, `invoice` where none is shown."""

    items: Mapping[str, ItemState]
    judged: Mapping[str, Judgement]
    dossier: DossierState
    dossier_findings: tuple[Finding, ...]
    ledger: Verdict
    claim: Verdict | None
    checks: tuple[Check, ...]
    findings: tuple[ClaimFinding, ...]
    invoice: RecordedStep | None


def check_dossier(ground: Ground, connection: Connection, party: int, draft: VerificationDraft) -> Checked:
    """
    Check what `draft` claims of a dossier.

    Raises NotFound for a dossier that does not concern the party, PackageMissing for values to check without the keys
    to check them, InvalidRecord for a claim with an item that the ledger does not have in the dossier, with a maker
    that is no glassmaker, or with a day that is none.
    """
    role = ground.roles[party]
    state = read_model.dossier_state(connection, draft.dossier)
    seen = role is Role.AUDITOR or read_model.concerns(connection, party, draft.dossier)
    if state is None or not seen:
        raise not_found("/dossier")
    facts = StoredFacts(connection)
    # What is wrong with the dossier as a whole lies in items that a party that does not see all may not see.
    whole = _sees_all(party, role, draft.dossier, state)
    own_findings = conformity.dossier_findings(facts, bytes.fromhex(draft.dossier)) if whole else ()
    items = _visible(connection, party, role, draft.dossier, state)
    _check_lines(facts, draft, items)
    steps = read_model.steps_of_dossiers(connection, [draft.dossier])
    invoice = _invoice(steps, draft.invoice)
    checks = _given(connection, party, draft, items) or _received(connection, party, steps, items)
    _check_claim(connection, party, draft, invoice)
    reading = Reading(ground.clock.now(), steps, outages(connection))
    judged = {name: conformity.judged_item(facts, bytes.fromhex(name), reading) for name in items}
    ledger = conformity.dossier_verdict(own_findings, (each.verdict for each in judged.values()))
    findings = claim_findings(facts, checks, items, judged, draft)
    if renewed_too_soon(draft, role, invoice, ground.clock.now()):
        by = renewal_explained(facts, bytes.fromhex(draft.dossier), party)
        findings += (ClaimFinding(Case.FALSE_RENEWAL, None, None, None, by),)
    if role is Role.INSURER and replaces_unknown(facts, bytes.fromhex(draft.dossier), party):
        findings += (ClaimFinding(Case.FALSE_BREAKAGE, None, None, None),)
    opened = [check for check in checks if check.opening != "none"]
    claim = claim_verdict(ledger, findings) if opened or findings else None
    shown = state if whole else DossierState()
    return Checked(items, judged, shown, own_findings, ledger, claim, tuple(checks), findings, invoice)


def _check_lines(facts: StoredFacts, draft: VerificationDraft, items: Mapping[str, ItemState]) -> None:
    """Refuse a claim with an item that the ledger does not have in the dossier, or that nobody admitted made."""
    for number, line in enumerate(draft.items):
        if line.item not in items:
            raise InvalidRecord(f"/items/{number}/item", "the ledger has no such item in this dossier",
                                "Refuse the claim, or correct the identifier.")  # fmt: skip
        if line.glassmaker is not None and facts.role(line.glassmaker) != Role.GLASSMAKER.label:
            raise InvalidRecord(f"/items/{number}/glassmaker", "there is no glassmaker of this number",
                                "See GET /v1/parties; leave out a maker that is not on the network.")  # fmt: skip


def _sees_all(party: int, role: Role, dossier: str, state: DossierState) -> bool:
    return role is Role.AUDITOR or int(dossier[:8], 16) == party or party in state.insurers


def _visible(connection: Connection, party: int, role: Role, dossier: str, state: DossierState) -> dict[str, ItemState]:
    """The items that the party may see: all for the optician, insurers named and auditors, else its own."""
    items = read_model.items_of_dossier(connection, dossier)
    if _sees_all(party, role, dossier, state):
        return items
    concerned = read_model.concerned_items(connection, party, dossier)
    return {name: item for name, item in items.items() if name in concerned}


def _given(connection: Connection, party: int, draft: VerificationDraft, items: Mapping[str, ItemState]) -> list[Check]:
    """Each group of the claim, committed again and compared with every root of the item."""
    schemas = own.items_known(connection, party, [line.item for line in draft.items])
    found = []
    for number, line in enumerate(draft.items):
        for group, raw in line.groups.items():
            where = f"/items/{number}/{group}"
            known, key = schemas.get(line.item), vault.group_key(connection, party, line.item, group)
            if known is None or key is None:
                raise PackageMissing(
                    "you hold no key for this group",
                    where,
                    "Take the optician's package in, then check again.",
                )
            values = group_values(known.schema, group, raw, where)
            unit = drawn_key(connection, party, line.item, group)
            check = _check(items[line.item], line.item, values, (key, unit), "given")
            found.append(_of_one_table(connection, party, items[line.item], check, values, key))
    return found


def _received(
    connection: Connection, party: int, steps: Sequence[RecordedStep], items: Mapping[str, ItemState]
) -> list[Check]:
    """Without values in the claim, what the invoice opens to by the packages received; or that nothing came."""
    found: list[Check] = []
    for step in steps:
        if step.step.kind is not Kind.INVOICED:
            continue
        for opening in vault.openings(connection, party, step.digest):
            key = vault.group_key(connection, party, opening.subject, opening.values.group)
            state = items.get(opening.subject)
            # What a withdrawn invoice said is compared with nothing: another one may have taken its place.
            if state is not None and key is not None and step.step.occurrence in state.invoices:
                unit = drawn_key(connection, party, opening.subject, opening.values.group)
                check = _check(state, opening.subject, opening.values, (key, unit), "received")
                found.append(_of_one_table(connection, party, state, check, opening.values, key))
    return found or [Check(item, "coding", {}, "none") for item in items]


def _check(
    state: ItemState,
    item: str,
    values: GroupValues,
    keys: tuple[bytes, bytes | None],
    opening: Literal["given", "received"],
) -> Check:
    """`keys` are the item's, and the one of the unit that was drawn for it, if it is held."""
    root, of_unit = group_root(values, keys[0]), None if keys[1] is None else group_root(values, keys[1])
    matches = {}
    for kind in SECTION_GROUPS:
        standing = state.roots_of(kind, values.group)
        drawn = kind in _OF_THE_UNIT and values.group in UNIT_GROUPS and (of_unit is not None or state.has(Kind.DRAWN))
        # Without the unit's key nothing can be said of what was committed to under it.
        if standing and not (drawn and of_unit is None):
            matches[kind.label] = all(each == (of_unit if drawn else root) for each in standing)
    return Check(item, values.group, matches, opening)


def _of_one_table(
    connection: Connection, party: int, state: ItemState, check: Check, values: GroupValues, key: bytes
) -> Check:
    """The check without its quote where a lens from stock, coded when it was made, was quoted under another table."""
    if values.group != "coding" or not state.has(Kind.DRAWN):
        return check
    quoted = state.roots_of(Kind.QUOTED, "coding")
    opened = (each.values for each in vault.openings_about(connection, party, [check.subject]))
    tables = {each.values["mapping"] for each in opened if each.group == "coding" and group_root(each, key) in quoted}
    if not tables or values.values["mapping"] in tables:
        return check
    rest = {label: equal for label, equal in check.matches.items() if label != Kind.QUOTED.label}
    return Check(check.subject, check.group, rest, check.opening)


def _check_claim(connection: Connection, party: int, draft: VerificationDraft, invoice: RecordedStep | None) -> None:
    """Refuse a claim whose SIRET, reference or cover number is not what the invoice commits to."""
    if draft.claim is None:
        return
    key = vault.group_key(connection, party, draft.dossier, "claim")
    if key is None:
        raise PackageMissing(
            "you hold no key for the claim", "/claim", "Take the optician's package in, then check again."
        )
    root = group_root(group_values(DOSSIER_SCHEMA, "claim", draft.claim, "/claim"), key)
    if invoice is not None and invoice.step.words[INVOICE_GROUPS.index("claim")] != root:
        raise InvalidRecord("/claim", "the claim is not the one that the invoice commits to", "Check its references.")


def _invoice(steps: Sequence[RecordedStep], occurrence: int) -> RecordedStep | None:
    found = [s for s in steps if s.step.kind is Kind.INVOICED and s.step.occurrence == occurrence]
    return found[0] if found else None
