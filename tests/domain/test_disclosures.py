"""The types of what may be disclosed have no place for anything else."""

import itertools

import pytest

from app.domain import disclosures
from app.domain.disclosures import Disclosure
from app.domain.packages import SharedKey, SharedStep
from app.domain.records import GroupValues
from app.domain.schemas import SCHEMAS
from app.domain.steps import Kind, Step
from app.domain.stock import DRAWN_CODING

DOSSIER, ITEM, OTHER = "d" * 32, "1" * 32, "2" * 32
GROUPS = sorted({group for schema in SCHEMAS.values() for group in schema.groups})
PURPOSES: list[type[Disclosure]] = [
    each
    for each in vars(disclosures).values()
    if isinstance(each, type) and issubclass(each, Disclosure) and each is not Disclosure
]
"""Each type that the module has."""
SCHEMA_OF = {group: name for name, schema in SCHEMAS.items() for group in schema.groups}


def holding(kind: type[Disclosure], *, keys: tuple[SharedKey, ...] = (), steps: tuple[SharedStep, ...] = ()) -> None:
    kind(DOSSIER, {ITEM: "optics.lens/1"}, keys, steps)


def opened(step: Kind, subject: str, group: str) -> SharedStep:
    values = GroupValues.absent(SCHEMA_OF[group], group)
    return SharedStep(1, Step(step, 0, 1, bytes(16), bytes(9), ()), 1, "", (), 0, b"", ((subject, values),))


def test_no_purpose_is_left_out() -> None:
    assert {each.__name__ for each in Disclosure.__subclasses__()} == {each.__name__ for each in PURPOSES}


@pytest.mark.parametrize("kind", PURPOSES)
def test_a_key_has_a_place_only_where_the_purpose_has_one_for_its_group(kind: type[Disclosure]) -> None:
    for group, subject in itertools.product((*GROUPS, DRAWN_CODING), (ITEM, DOSSIER)):
        allowed = group in (kind.dossier_keys if subject == DOSSIER else kind.item_keys)
        if allowed:
            holding(kind, keys=(SharedKey(subject, group, 1, bytes(32)),))
        else:
            with pytest.raises(ValueError, match="no place"):
                holding(kind, keys=(SharedKey(subject, group, 1, bytes(32)),))


@pytest.mark.parametrize("kind", PURPOSES)
def test_values_have_a_place_only_in_the_steps_and_groups_of_the_purpose(kind: type[Disclosure]) -> None:
    for step, group in itertools.product(Kind, GROUPS):
        if group in kind.openings.get(step, ()):
            holding(kind, steps=(opened(step, ITEM, group),))
        else:
            with pytest.raises(ValueError, match="no place"):
                holding(kind, steps=(opened(step, ITEM, group),))


@pytest.mark.parametrize("kind", PURPOSES)
def test_nothing_about_another_item_has_a_place(kind: type[Disclosure]) -> None:
    (step, groups), *_ = kind.openings.items()
    with pytest.raises(ValueError, match="something else"):
        holding(kind, steps=(opened(step, OTHER, min(groups)),))
    for group in kind.item_keys:
        with pytest.raises(ValueError, match="something else"):
            holding(kind, keys=(SharedKey(OTHER, group, 1, bytes(32)),))


@pytest.mark.parametrize("kind", PURPOSES)
def test_a_step_of_no_concern_has_no_place_even_without_values(kind: type[Disclosure]) -> None:
    bare = SharedStep(1, Step(Kind.VERIFIED, 0, 1, bytes(16), bytes(9), ()), 1, "", (), 0, b"", ())
    with pytest.raises(ValueError, match="something else"):
        holding(kind, steps=(bare,))


@pytest.mark.parametrize("group", ["renewal", "statement"])
def test_what_says_why_equipment_is_renewed_has_a_place_nowhere(group: str) -> None:
    for kind in PURPOSES:
        assert not kind.may_key(of_dossier=True, group=group)
        assert not kind.may_key(of_dossier=False, group=group)
        assert not any(kind.may_open(step, group) for step in Kind)
