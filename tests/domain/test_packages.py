"""Packages: what was written is read back, and whatever is not of the form is refused for a stated reason."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.packages import Package, SharedKey, SharedStep, moment, package_json, package_of, seconds_of
from app.domain.records import GroupValues
from app.domain.shapes import is_well_formed
from app.domain.steps import GROUPS, INVOICE_GROUPS
from app.errors import PackageRefused
from tests.domain.lawful import PARTIES, identifiers, lawful_steps

BYTES_32 = st.binary(min_size=32, max_size=32)
SECONDS = st.integers(0, 253_402_300_799)
FOREIGN: list[Any] = [None, True, -1, 1.5, "", "x", [], {}, [None], {"x": 1}, "0" * 64, 1 << 70, "١" * 32]


@st.composite
def packages(draw: st.DrawFn) -> Package:
    """A package as some party may send it; whether it tells the truth is another matter."""
    dossier = draw(identifiers()).hex()
    names = [name.hex() for name in draw(st.lists(identifiers(), min_size=1, max_size=2, unique=True))]
    schemas = {name: "optics.lens/1" for name in names if name != dossier}
    keys = tuple(
        SharedKey(subject, group, draw(st.integers(1, 255)), draw(BYTES_32))
        for subject, group in [(dossier, "claim"), *((name, "coding") for name in schemas)]
    )
    steps = tuple(draw(shared_steps(dossier, list(schemas))) for _ in range(draw(st.integers(0, 2))))
    return Package(
        draw(st.integers(1, (1 << 53) - 1)), draw(st.binary(min_size=20, max_size=20)).hex(), draw(PARTIES),
        draw(PARTIES), dossier, schemas, keys, steps,
    )  # fmt: skip


@st.composite
def shared_steps(draw: st.DrawFn, dossier: str, items: list[str]) -> SharedStep:
    """A step in a list of three, with an opening."""
    step = draw(lawful_steps().filter(lambda each: each.claimed_at <= 253_402_300_799))
    position = draw(st.integers(0, 2))
    digests = [draw(BYTES_32) for _ in range(3)]
    digests[position] = step.digest
    about = items[0] if items and GROUPS[step.kind] else dossier
    group = "coding" if about != dossier else INVOICE_GROUPS[0]
    schema = "optics.lens/1" if about != dossier else "dossier/1"
    values = dict.fromkeys(GroupValues.absent(schema, group).values)
    return SharedStep(
        draw(PARTIES), step, draw(SECONDS), draw(st.binary(min_size=20, max_size=20)).hex(), tuple(digests), position,
        draw(st.binary(min_size=65, max_size=65)), ((about, GroupValues(schema, group, values)),),
    )  # fmt: skip


@given(packages())
def test_a_package_is_read_back_as_it_was_written(package: Package) -> None:
    assert package_of(package_json(package)) == package


def paths(node: object, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a document."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in inner:
        yield (*before, name)
        yield from paths(value, (*before, name))


@given(packages(), st.data())
def test_a_changed_value_gives_a_package_or_a_refusal_and_nothing_else(package: Package, data: st.DataObject) -> None:
    document = copy.deepcopy(package_json(package))
    path = data.draw(st.sampled_from(sorted(paths(document), key=repr)))
    place: Any = document
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = data.draw(st.sampled_from(FOREIGN))
    try:
        read = package_of(document)
    except PackageRefused:
        return
    assert package_of(package_json(read)) == read


@given(packages(), st.data())
def test_a_missing_and_an_added_field_are_refused(package: Package, data: st.DataObject) -> None:
    for added in (False, True):
        document: Any = copy.deepcopy(package_json(package))
        objects = [document, *document["items"], *document["steps"], *(step["list"] for step in document["steps"])]
        chosen = data.draw(st.sampled_from(objects))
        if added:
            chosen["more"] = 1
        else:
            del chosen[data.draw(st.sampled_from(sorted(chosen)))]
        with pytest.raises(PackageRefused):
            package_of(document)


def whole(package: Package) -> Any:
    """The JSON of a package, to be changed."""
    return copy.deepcopy(package_json(package))


@given(packages().filter(lambda package: package.steps))
def test_a_step_that_no_ledger_takes_is_refused_before_it_is_believed(package: Package) -> None:
    document = whole(package)
    document["steps"][0]["words"] = document["steps"][0]["words"][:-1] if document["steps"][0]["words"] else ["11" * 32]
    changed = replace(package.steps[0].step, words=tuple(map(bytes.fromhex, document["steps"][0]["words"])))
    with pytest.raises(PackageRefused) as refused:
        package_of(document)
    # With one word less some are still of a lawful form, and then are not what their list holds.
    expected = "/steps/0/list/position" if is_well_formed(changed) else "/steps/0/words"
    assert refused.value.where == expected


@given(packages().filter(lambda package: package.steps))
def test_a_step_that_stands_elsewhere_in_its_list_is_refused(package: Package) -> None:
    document = whole(package)
    document["steps"][0]["list"]["position"] = (package.steps[0].position + 1) % 3
    if package.steps[0].digests[document["steps"][0]["list"]["position"]] == package.steps[0].step.digest:
        return
    with pytest.raises(PackageRefused, match="position"):
        package_of(document)


@given(SECONDS)
def test_a_moment_has_one_spelling(seconds: int) -> None:
    assert seconds_of(moment(seconds)) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "2026-3-2T09:30:00Z",
        "2026-03-02T9:30:00Z",
        "2026-03-02 09:30:00Z",
        "2026-03-02T09:30:00+00:00",
        "2026-02-30T09:30:00Z",
        "٢٠٢٦-03-02T09:30:00Z",
        "1969-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "",
    ],
)
def test_a_moment_in_another_spelling_or_before_1970_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the reader of packages turns it into a refusal
        seconds_of(text)


@given(packages())
def test_a_package_does_not_show_its_keys_when_printed(package: Package) -> None:
    assert "key=" not in repr(package)
    assert "values={" not in repr(package)
