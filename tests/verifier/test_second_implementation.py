"""A second implementation, written from docs/protocol.md alone on OpenZeppelin's own library, gives the same bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.domain.commitment import group_key, group_root, openings
from app.domain.records import GroupValues, group_values
from app.domain.schemas import SCHEMAS
from app.errors import InvalidRecord
from app.formats.mapping_files import packaged, written
from tests.domain.lenses import cases
from tests.verifier.second import ROOT, answers, hexed, shown

VECTORS: dict[str, Any] = json.loads((ROOT / "tests/vectors/commitments.json").read_text(encoding="utf-8"))
RECORDS = 1_000
Case = tuple[str, str, dict[str, Any]]

gathering = settings(
    max_examples=RECORDS,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def values_of(schema: str, group: str, trade: dict[str, Any]) -> GroupValues | None:
    """What our own implementation makes of trade values; None if it refuses them."""
    try:
        return group_values(schema, group, trade)
    except InvalidRecord:
        return None


def test_the_page_has_every_field_of_every_schema_in_order() -> None:
    questions = [
        {"ask": "canonical", "schema": schema.identifier, "group": group, "trade": {}}
        for schema in SCHEMAS.values()
        for group in schema.groups
    ]
    for question, values in zip(questions, answers(questions), strict=True):
        fields = SCHEMAS[question["schema"]].group(str(question["group"])).fields  # type: ignore[index]
        assert list(values) == [field.name for field in fields]


@pytest.mark.parametrize("part", ["canonical", "refused"])
def test_it_takes_and_refuses_the_published_values(part: str) -> None:
    questions = [{**each, "ask": "canonical"} for each in VECTORS[part]]
    assert len(questions) >= 19
    for each, found in zip(VECTORS[part], answers(questions), strict=True):
        assert found == each.get("canonical"), each["name"]


def test_it_gives_the_published_keys_salts_siblings_and_roots() -> None:
    questions = []
    for each in VECTORS["groups"]:
        values = {field["path"]: field["value"] if field["present"] else None for field in each["fields"]}
        told = {name: each[name] for name in ("schema", "group", "secret", "version")}
        questions.append({"ask": "committed", "values": values, **told})
    for each, found in zip(VECTORS["groups"], answers(questions), strict=True):
        assert (found["key"], found["root"]) == (each["key"], each["root"]), each["name"]
        for field, opening in zip(each["fields"], found["openings"], strict=True):
            assert (opening["salt"], opening["siblings"]) == (field["salt"], field["siblings"]), each["name"]


def test_it_agrees_on_records_drawn_by_chance() -> None:
    drawn: list[tuple[Case, bytes, int]] = []

    @gathering
    @given(cases(), st.binary(min_size=32, max_size=32), st.integers(1, 255))
    def gather(case: Case, secret: bytes, version: int) -> None:
        drawn.append((case, secret, version))

    gather()
    assert len(drawn) == RECORDS
    questions: list[dict[str, Any]] = []
    ours: list[object] = []
    for (schema, group, trade), secret, version in drawn:
        values = group_values(schema, group, trade)
        key = group_key(secret, group, version)
        about = {"schema": schema, "group": group}
        questions.append({"ask": "canonical", "trade": trade, **about})
        ours.append(dict(values.values))
        committed = {"values": dict(values.values), "secret": hexed(secret), "version": version}
        questions.append({"ask": "committed", **about, **committed})
        every, root = [shown(each) for each in openings(values, key)], hexed(group_root(values, key))
        bare = [{name: told for name, told in each.items() if name not in about} for each in every]
        ours.append({"key": hexed(key), "root": root, "openings": bare})
        questions.append({"ask": "opens", "root": root, "openings": every})
        ours.append(True)
    for question, mine, theirs in zip(questions, ours, answers(questions), strict=True):
        assert theirs == mine, question


def test_it_takes_and_refuses_what_ours_does_when_something_is_mistyped() -> None:
    drawn: list[tuple[str, str, dict[str, Any]]] = []

    @gathering
    @given(cases(), st.randoms(use_true_random=False), st.text("0123456789AZaz+-.,/ \u2212\u00a0\u00e9", max_size=20))
    def gather(case: Case, chance: Random, text: str) -> None:
        schema, group, trade = case
        name = chance.choice([field.name for field in SCHEMAS[schema].group(group).fields])
        typed = trade.get(name)
        if isinstance(typed, str) and chance.random() < 0.7:
            place = chance.randrange(len(typed) + 1)
            text = typed[:place] + text[:1] + typed[place + chance.randrange(2) :]
        drawn.append((schema, group, {**trade, name: chance.choice([text, text, text, [text], 7, True, None])}))

    gather()
    questions = [{"ask": "canonical", "schema": s, "group": g, "trade": trade} for s, g, trade in drawn]
    taken = 0
    for case, theirs in zip(drawn, answers(questions), strict=True):
        values = values_of(*case)
        assert theirs == (None if values is None else dict(values.values)), case
        taken += values is not None
    # Both were tried.
    assert RECORDS // 20 < taken < 19 * RECORDS // 20


def test_an_item_and_its_dossier_are_committed_to_group_by_group() -> None:
    secrets = {"optics.lens/1": hexed(b"\1" * 32), "dossier/1": hexed(b"\2" * 32)}
    questions, roots = [], []
    for each in VECTORS["canonical"]:
        if each["schema"] in secrets:
            secret = secrets[each["schema"]]
            told = {"schema": each["schema"], "group": each["group"], "secret": secret, "version": 1}
            questions.append({"ask": "committed", "values": each["canonical"], **told})
            key = group_key(bytes.fromhex(secret[2:]), each["group"])
            roots.append(hexed(group_root(GroupValues(each["schema"], each["group"], each["canonical"]), key)))
    assert [found["root"] for found in answers(questions)] == roots
    assert {question["group"] for question in questions} >= {*SCHEMAS["optics.lens/1"].groups, "claim", "renewal"}


def test_it_gives_the_root_of_a_mapping_table_from_its_file() -> None:
    sample = packaged().tables[0]
    dated = replace(sample, name="list/7", valid_from="2027-01-01", rows=sample.rows[-3:])
    questions = [{"ask": "table", "table": json.loads(written(table))} for table in (sample, dated)]
    assert answers(questions) == [hexed(table.root) for table in (sample, dated)]
