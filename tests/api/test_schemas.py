"""From what a client sends to what the core takes."""

import json
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api import examples
from app.api.errors import InvalidRequest, TooManyEvents
from app.api.schemas import dossier_events, events, exceptions, packages
from app.api.schemas.documents import MAX_EVENTS, documents, read_events, read_package, read_verification
from app.domain.comparisons import COMPARISONS
from app.domain.conformity import Case, Verdict
from app.domain.kinds import GROUP_NUMBERS, REASONS, Answer, Decision, KindLabel, Nature
from app.domain.schemas import SCHEMAS
from app.domain.steps import DOSSIER_GROUPS, GROUPS, Kind
from app.services.drafts import ClaimItem, EventDraft, ItemDraft, VerificationDraft

CANARY = "ZZQXJVOLE"
REASONED: list[Any] = exceptions.Reasoned.__subclasses__()


def draft_of(document: object) -> EventDraft:
    (draft,) = read_events(json.dumps(document).encode())
    return draft


def faults_of(document: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidRequest) as refused:
        read_events(json.dumps(document).encode())
    assert CANARY not in repr(refused.value.faults)
    assert refused.value.__context__ is None
    return [(fault.where, fault.code) for fault in refused.value.faults]


def example(name: str) -> Any:
    return examples.EVENTS[name]["value"]


def test_a_quote_becomes_a_draft_with_its_four_groups() -> None:
    assert draft_of(examples.QUOTED) == EventDraft(
        kind="quoted",
        occurred_at=1772443800,
        schema="optics.lens/1",
        dossier_reference="2026-00117",
        item_reference="2026-00117-R",
        glassmaker=examples.GLASSMAKER,
        groups={name: examples.QUOTED[name] for name in ("product", "supplements", "coding", "price")},
    )


def test_a_maker_outside_the_network_is_null_or_zero() -> None:
    assert draft_of({**examples.QUOTED, "glassmaker": None}).glassmaker == 0
    assert draft_of({**examples.QUOTED, "glassmaker": 0}).glassmaker == 0
    without = {name: value for name, value in examples.QUOTED.items() if name != "glassmaker"}
    assert faults_of(without) == [("/glassmaker", "missing_field")]


def test_an_invoice_becomes_a_draft_with_its_lines() -> None:
    invoice = example("invoiced")
    line = invoice["items"][0]

    assert draft_of(invoice) == EventDraft(
        kind="invoiced",
        dossier=examples.DOSSIER,
        insurers=(examples.INSURER,),
        groups={"claim": invoice["claim"], "renewal": invoice["renewal"]},
        items=(ItemDraft(examples.ITEM, {name: line[name] for name in GROUPS[Kind.INVOICED]}),),
    )


def test_a_finding_becomes_a_draft_about_the_dossier() -> None:
    assert draft_of(example("verified")) == EventDraft(
        kind="verified",
        dossier=examples.DOSSIER,
        verdict="conform",
    )


@pytest.mark.parametrize("kind", [*(kind for kind in Kind if kind < Kind.INVOICED), Kind.SUBSTITUTED])
def test_an_event_carries_exactly_the_groups_that_its_step_commits_to(kind: Kind) -> None:
    assert tuple(draft_of(example(kind.label)).groups or ()) == GROUPS[kind]


def test_a_quote_that_replaces_another_says_which_and_nothing_of_its_values() -> None:
    replacing = example("quoted_replacing")
    draft = draft_of(replacing)
    assert (draft.replaces, draft.dossier_reference, draft.groups) == (examples.ITEM, None, {})
    price = examples.QUOTED["price"]
    assert faults_of({**replacing, "price": price, "dossier_reference": "D-1"}) == [
        ("/dossier_reference", "unknown_field"),
        ("/price", "unknown_field"),
    ]
    without = {name: value for name, value in replacing.items() if name != "replaces"}
    assert [where for where, _ in faults_of([without])] == [
        "/0/dossier_reference",
        "/0/product",
        "/0/supplements",
        "/0/coding",
        "/0/price",
    ]


def test_a_declared_error_carries_the_corrected_values_of_its_group() -> None:
    declared = example("error_declared")
    assert draft_of(declared).groups == {"product": declared["corrected"]}
    assert draft_of({**declared, "nature": "did_not_occur", "corrected": None}).groups == {}
    assert faults_of({**declared, "corrected": {CANARY: "x"}}) == [("/corrected", "unknown_field")]


def test_what_goes_otherwise_becomes_a_draft_with_all_that_it_says() -> None:
    assert draft_of(example("exchanged")) == EventDraft(
        kind="exchanged", item=examples.OTHER_ITEM, first=examples.ITEM, reason="not_adapted", groups=None
    )
    assert draft_of(example("withdrawn")) == EventDraft(
        kind="withdrawn", dossier=examples.DOSSIER, items=(ItemDraft(examples.ITEM, {}),)
    )
    assert draft_of({**example("manufactured"), "warranty": True}).warranty
    assert not draft_of(example("manufactured")).warranty
    assert faults_of({**example("cancelled"), "reason": CANARY}) == [("/reason", "not_a_choice")]


def test_each_event_of_a_list_knows_its_place() -> None:
    drafts = read_events(json.dumps(example("quoted_together")).encode())

    assert [draft.where for draft in drafts] == ["/0", "/1"]
    assert draft_of(examples.QUOTED).where == ""


def test_a_value_that_is_null_is_as_absent_as_one_left_out() -> None:
    with_null = {**examples.QUOTED, "product": {"code": "PRG16", "size": None}}

    assert (draft_of(with_null).groups or {})["product"] == {"code": "PRG16"}


def test_a_check_becomes_a_draft_with_the_groups_it_opens() -> None:
    document = examples.VERIFICATIONS["recorded"]["value"]
    item = document["items"][0]

    assert read_verification(json.dumps(document).encode()) == VerificationDraft(
        examples.DOSSIER,
        (ClaimItem(examples.ITEM, {"coding": item["coding"], "price": item["price"]}),),
        document["claim"],
        record=True,
    )


def test_a_package_goes_down_as_it_was_sent() -> None:
    assert read_package(json.dumps(examples.PACKAGE_DOCUMENT).encode()) == examples.PACKAGE_DOCUMENT


def test_a_name_in_a_package_that_no_schema_has_is_not_repeated() -> None:
    document = json.loads(json.dumps(examples.PACKAGE_DOCUMENT))
    document["steps"][0]["openings"][0]["values"][CANARY] = "x"
    document["items"][0]["groups"][CANARY] = {"version": 1, "key": "cd" * 32}

    with pytest.raises(InvalidRequest) as refused:
        read_package(json.dumps(document).encode())

    assert {fault.where for fault in refused.value.faults} == {
        "/items/0/groups",
        "/steps/0/openings/0/values",
    }
    assert CANARY not in repr(refused.value.faults)


def test_a_list_holds_one_to_a_thousand_events() -> None:
    shipped = {"type": "shipped", "item": examples.ITEM}

    assert len(read_events(json.dumps([shipped] * MAX_EVENTS).encode())) == MAX_EVENTS
    assert faults_of([]) == [("", "out_of_range")]
    with pytest.raises(TooManyEvents):
        read_events(json.dumps([shipped] * (MAX_EVENTS + 1)).encode())


def test_no_more_than_twenty_faults_are_listed() -> None:
    assert len(faults_of([{"type": "shipped"}] * 200)) == 20


BROKEN: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("unknown field", {CANARY: 1}, [("", "unknown_field")]),
    ("unknown field inside", {"price": {"amount": "1.00", CANARY: "x"}}, [("/price", "unknown_field")]),
    ("number for text", {"price": {"amount": 249}}, [("/price/amount", "wrong_type")]),
    ("true for a number", {"glassmaker": True}, [("/glassmaker", "wrong_type")]),
    ("text for a number", {"glassmaker": CANARY}, [("/glassmaker", "wrong_type")]),
    ("number too large", {"glassmaker": 2**32}, [("/glassmaker", "out_of_range")]),
    ("text for an object", {"product": CANARY}, [("/product", "wrong_type")]),
    ("object for a list", {"supplements": {"codes": {CANARY: 1}}}, [("/supplements/codes", "wrong_type")]),
    ("too many codes", {"supplements": {"codes": [CANARY] * 17}}, [("/supplements/codes", "out_of_range")]),
    ("empty text", {"product": {"code": ""}}, [("/product/code", "out_of_range")]),
    ("long text", {"product": {"code": CANARY * 10}}, [("/product/code", "out_of_range")]),
    ("unknown schema", {"schema": CANARY}, [("/schema", "not_a_choice")]),
    ("unknown type", {"type": CANARY}, [("/type", "unknown_type")]),
    ("number for the type", {"type": 7}, [("/type", "unknown_type")]),
    ("a sentence for a reference", {"item_reference": f"{CANARY} Anne"}, [("/item_reference", "bad_format")]),
    ("a name for a reference", {"item_reference": CANARY}, [("/item_reference", "bare_word")]),
    ("a birth date", {"item_reference": "1952-07-31"}, [("/item_reference", "birth_date")]),
    ("an insured number", {"item_reference": "255086712345611"}, [("/item_reference", "insured_number")]),
    ("a local time", {"occurred_at": "2026-03-02T09:30:00+01:00"}, [("/occurred_at", "bad_format")]),
    ("a day that is none", {"occurred_at": "2026-02-30T09:30:00Z"}, [("/occurred_at", "bad_format")]),
    ("a moment before there was a network", {"occurred_at": "1999-12-31T23:59:59Z"}, [("/occurred_at", "bad_format")]),
]


@pytest.mark.parametrize(("change", "faults"), [c[1:] for c in BROKEN], ids=[c[0] for c in BROKEN])
def test_a_broken_event_is_refused_at_its_place(change: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    assert faults_of({**examples.QUOTED, **change}) == faults
    assert faults_of([examples.QUOTED, {**examples.QUOTED, **change}]) == [
        (f"/1{where}", code) for where, code in faults
    ]


def test_a_case_stands_once_in_a_finding_and_an_insurer_once_in_an_invoice() -> None:
    assert faults_of({**example("verified"), "cases": ["PRICE_SHIFT"] * 2}) == [("/cases", "repeated")]
    twice = {**example("invoiced"), "insurers": [examples.INSURER] * 2}
    assert faults_of(twice) == [("/insurers", "repeated")]


def test_an_axis_is_a_whole_number_or_its_digits() -> None:
    for axis in (90, "90"):
        ordered = {**example("ordered"), "correction": {"axis": axis}}
        assert (draft_of(ordered).groups or {})["correction"] == {"axis": axis}
    for refused in (True, [90], 10**9, ""):
        assert faults_of({**example("ordered"), "correction": {"axis": refused}}) == [
            ("/correction/axis", "wrong_type")
        ]


@given(st.datetimes(min_value=datetime(2000, 1, 1)))
def test_every_moment_in_utc_is_taken(moment: datetime) -> None:
    text = moment.replace(microsecond=0).isoformat() + "Z"

    occurred = draft_of({**examples.QUOTED, "occurred_at": text}).occurred_at
    assert occurred is not None
    assert datetime.fromtimestamp(occurred, UTC).replace(tzinfo=None) == moment.replace(microsecond=0)


def test_choices_are_those_of_the_domain() -> None:
    assert set(get_args(events.Case)) == {case.name for case in Case}
    assert set(get_args(events.Verdict)) == {verdict.label for verdict in Verdict}
    assert set(get_args(KindLabel)) == {kind.label for kind in Kind}
    assert set(get_args(exceptions.Comparison)) == {each.name for each in COMPARISONS}
    assert set(get_args(exceptions.ComparedGroup)) == {each.group for each in COMPARISONS}
    assert set(get_args(exceptions.ComparedKind)) == {kind.label for each in COMPARISONS for kind in each.kinds}
    assert set(get_args(exceptions.Nature)) == {nature.label for nature in Nature}
    told = {Kind[of.model_fields["type"].annotation.__args__[0].upper()]: of for of in REASONED}
    for kind, of in told.items():
        assert get_args(of.model_fields["reason"].annotation) == REASONS[kind]
    assert told.keys() == REASONS.keys() - {Kind.DECIDED}
    named = {name for schema in SCHEMAS.values() for name in schema.groups}
    of_dossiers = {group for groups in DOSSIER_GROUPS.values() for group in groups}
    assert set(get_args(packages.Group)) == named == {*GROUPS[Kind.MANUFACTURED], "price", *of_dossiers}


def test_what_is_decided_answered_and_demanded_is_said_in_the_words_of_the_domain() -> None:
    assert get_args(dossier_events.DecisionReason) == REASONS[Kind.DECIDED]
    assert get_args(dossier_events.Decision) == tuple(each.label for each in Decision)
    assert get_args(dossier_events.DemandedGroup) == tuple(GROUP_NUMBERS)
    answers = get_args(dossier_events.CoverAnswered.model_fields["answer"].annotation)
    assert answers == tuple(each.label for each in Answer)


def test_an_item_may_be_quoted_under_every_schema_but_the_dossiers() -> None:
    for name in SCHEMAS.keys() - {"dossier/1"}:
        assert draft_of({**examples.QUOTED, "schema": name}).schema == name
    assert faults_of({**examples.QUOTED, "schema": "dossier/1"}) == [("/schema", "not_a_choice")]


def test_the_documentation_has_the_fields_of_every_schema() -> None:
    definitions = documents().definitions
    for name in {group for schema in SCHEMAS.values() for group in schema.groups}:
        told = definitions[f"{name.capitalize()}Values"]["properties"]
        fields = {f.name for schema in SCHEMAS.values() if name in schema.groups for f in schema.groups[name].fields}
        assert told.keys() == fields, name
    assert definitions["CodingValues"]["properties"]["class"]["description"] == "A or B; or I or II"
