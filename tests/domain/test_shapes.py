"""Shapes: what the ledger takes by head and words alone, and the nearest things that it does not."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import details
from app.domain.kinds import COUNTED, ERASABLE, Decision, Kind
from app.domain.shapes import is_well_formed
from app.domain.steps import Step
from tests.domain.lawful import PARTIES, ROOTS, lawful_steps

SPARE: dict[Kind, tuple[int, ...]] = {
    Kind.QUOTED: (4, 5),
    Kind.ORDERED: (0, 5),
    Kind.MANUFACTURED: (1, 5),
    Kind.INVOICED: (),
    Kind.VERIFIED: (6, 8),
    Kind.DRAWN: (4, 5, 8),
    Kind.SUBSTITUTED: (0, 5, 8),
    Kind.ERROR_DECLARED: (2, 8),
    Kind.DECIDED: (8,),
    Kind.ANSWERED: (6, 8),
    Kind.COVER_REQUESTED: (4, 8),
    Kind.COVER_ANSWERED: (2, 8),
    Kind.LOT_SHIPPED: (4, 8),
    Kind.LOT_TRANSFERRED: (4, 8),
}
"""Bytes of the detail that nothing is said in; of other kinds the second and the last, or all."""

CODES: dict[Kind, tuple[int, tuple[int, ...]]] = {
    Kind.MANUFACTURED: (0, (2, 255)),
    Kind.INVOICED: (0, (2, 255)),
    Kind.VERIFIED: (0, (0, 5)),
    Kind.CANCELLED: (0, (0,)),
    Kind.REFUSED_ON_ARRIVAL: (0, (0,)),
    Kind.BROKEN_AT_EDGING: (0, (0,)),
    Kind.RETURNED: (0, (0,)),
    Kind.CREDITED: (0, (0,)),
    Kind.EXCHANGED: (0, (0,)),
    Kind.ERROR_DECLARED: (1, (0, 3)),
    Kind.DECIDED: (0, (0, 5)),
    Kind.ANSWERED: (5, (0, 20, 30)),
    Kind.COVER_ANSWERED: (0, (0, 4)),
    Kind.OPENING_DEMANDED: (0, (0, 8)),
}
"""A byte of the detail that holds a code, and values that are no code."""

VERSIONS: dict[Kind, tuple[int, ...]] = {
    Kind.ORDERED: (6, 7, 8),
    Kind.MANUFACTURED: (6, 7, 8),
    Kind.DRAWN: (6, 7),
    Kind.SUBSTITUTED: (6, 7),
}


def changed(step: Step, place: int, value: int) -> Step:
    """The step with another byte in its detail."""
    return replace(step, detail=step.detail[:place] + bytes([value]) + step.detail[place + 1 :])


@given(lawful_steps())
def test_what_the_builders_make_is_well_formed(step: Step) -> None:
    assert is_well_formed(step)


@pytest.mark.parametrize("kind", Kind)
@settings(max_examples=25)
@given(data=st.data())
def test_no_subject_and_no_word_is_zero_but_for_siblings(kind: Kind, data: st.DataObject) -> None:
    step = data.draw(lawful_steps(kind))
    assert not is_well_formed(replace(step, subject=bytes(16)))
    needed = step.words[:7] if kind is Kind.DRAWN else step.words
    for at in range(len(needed)):
        assert not is_well_formed(replace(step, words=(*step.words[:at], bytes(32), *step.words[at + 1 :])))


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.WITHDRAWN, Kind.INVOICED, Kind.DRAWN)])
@settings(max_examples=25)
@given(data=st.data())
def test_a_word_too_many_or_too_few_is_malformed(kind: Kind, data: st.DataObject) -> None:
    step = data.draw(lawful_steps(kind))
    most = data.draw(st.lists(ROOTS, min_size=3, max_size=8))
    assert not is_well_formed(replace(step, words=(*step.words, *most)))
    if step.words and not (kind is Kind.DELIVERED and len(step.words) == 2):
        assert not is_well_formed(replace(step, words=step.words[:-1]))


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.INVOICED])
@settings(max_examples=25)
@given(data=st.data())
def test_a_used_spare_byte_is_malformed(kind: Kind, data: st.DataObject) -> None:
    step = data.draw(lawful_steps(kind))
    for place in SPARE.get(kind, (1, 8)):
        assert not is_well_formed(changed(step, place, 7))


@pytest.mark.parametrize("kind", CODES)
@settings(max_examples=25)
@given(data=st.data())
def test_a_code_that_is_none_is_malformed(kind: Kind, data: st.DataObject) -> None:
    place, wrong = CODES[kind]
    step = data.draw(lawful_steps(kind))
    assert not any(is_well_formed(changed(step, place, value)) for value in wrong)


@pytest.mark.parametrize("kind", VERSIONS)
@settings(max_examples=25)
@given(data=st.data())
def test_a_version_is_never_zero_and_a_quote_and_a_unit_have_the_first(kind: Kind, data: st.DataObject) -> None:
    step = data.draw(lawful_steps(kind))
    for place in VERSIONS[kind]:
        assert not is_well_formed(changed(step, place, 0))
        assert is_well_formed(changed(step, place, 2)) is (kind is not Kind.DRAWN)


@given(lawful_steps())
def test_an_occurrence_counts_only_where_the_manual_says_so(step: Step) -> None:
    limits = {Kind.INVOICED: 8, Kind.ERROR_DECLARED: 13}
    beyond = limits.get(step.kind, 256 if step.kind in COUNTED or step.kind is Kind.ERASED else 1)
    if beyond < 256:
        assert not is_well_formed(replace(step, occurrence=beyond))


@given(lawful_steps(Kind.ERASED), st.integers(1, 255))
def test_an_erasure_of_groups_has_a_number_and_one_of_the_whole_record_none(step: Step, number: int) -> None:
    assert is_well_formed(replace(step, occurrence=number)) is not step.erases_all
    assert is_well_formed(replace(step, occurrence=0)) is step.erases_all
    for bits in (1, 1 << 13, 1 << 15):
        assert not is_well_formed(replace(step, occurrence=number, detail=bits.to_bytes(2, "big") + bytes(7)))


@given(st.sets(st.sampled_from(sorted(ERASABLE))))
def test_an_erasure_names_the_groups_that_it_was_made_of(groups: set[str]) -> None:
    step = Step(Kind.ERASED, len(groups), 7, bytes([1] * 16), details.erased_detail(groups), ())
    assert set(step.erased_groups) == groups
    assert step.erases_all is not bool(groups)
    assert is_well_formed(step)


@given(lawful_steps(Kind.INVOICED), PARTIES)
def test_an_invoice_names_a_second_insurer_only_after_another_first(step: Step, insurer: int) -> None:
    number = insurer.to_bytes(4, "big")
    assert not is_well_formed(replace(step, detail=bytes(5) + number))
    assert not is_well_formed(replace(step, detail=bytes(1) + number + number))
    assert is_well_formed(replace(step, detail=bytes(1) + number + bytes(4)))


@given(lawful_steps(Kind.INVOICED), st.integers(1, 255))
def test_an_invoice_lists_each_item_once_and_sixteen_at_most(step: Step, version: int) -> None:
    line = step.words[2:7]
    again = (details.invoiced_item_word(step.items[0], version, 9), *line[1:])
    assert not is_well_formed(replace(step, words=(*step.words, *again)))
    assert not is_well_formed(replace(step, words=step.words[:2]))
    assert not is_well_formed(replace(step, words=step.words[:-1]))
    for count in (16, 17):
        items = [item.to_bytes(16, "big") for item in range(1, count + 1)]
        many = [word for item in items for word in (details.invoiced_item_word(item), *line[1:])]
        assert is_well_formed(replace(step, words=(*step.words[:2], *many))) is (count == 16)


@given(lawful_steps(Kind.INVOICED))
def test_the_word_of_an_invoiced_item_is_identifier_and_two_versions(step: Step) -> None:
    word = step.words[2]
    bad = [bytes(16) + word[16:], word[:29] + b"\0" + word[30:], word[:30] + b"\0\0", word[:31] + b"\1"]
    for other in (*bad, word[:16] + b"\1" + word[17:]):
        assert not is_well_formed(replace(step, words=(*step.words[:2], other, *step.words[3:])))


@given(lawful_steps(Kind.WITHDRAWN))
def test_a_withdrawal_lists_each_item_once_and_sixteen_at_most(step: Step) -> None:
    assert not is_well_formed(replace(step, words=(*step.words, step.words[0])))
    assert not is_well_formed(replace(step, words=()))
    many = tuple(details.id_word(item.to_bytes(16, "big")) for item in range(1, 18))
    assert is_well_formed(replace(step, words=many[:16]))
    assert not is_well_formed(replace(step, words=many))


@given(lawful_steps(Kind.DRAWN), st.lists(st.binary(min_size=32, max_size=32), min_size=33, max_size=33))
def test_a_unit_has_at_most_thirty_two_siblings(step: Step, siblings: list[bytes]) -> None:
    assert is_well_formed(replace(step, words=(*step.words[:7], *siblings[:32])))
    assert not is_well_formed(replace(step, words=(*step.words[:7], *siblings)))
    assert not is_well_formed(replace(step, words=step.words[:6]))


@pytest.mark.parametrize(
    "kind", [Kind.QUOTED, Kind.DRAWN, Kind.EXCHANGED, Kind.BREAKAGE_REPLACED, Kind.WITHDRAWN, Kind.OPENING_DEMANDED]
)
@settings(max_examples=25)
@given(data=st.data())
def test_an_identifier_stands_alone_in_its_word(kind: Kind, data: st.DataObject) -> None:
    step = data.draw(lawful_steps(kind))
    assert not is_well_formed(replace(step, words=(step.words[0][:31] + b"\1", *step.words[1:])))


@given(lawful_steps(Kind.DECIDED))
def test_only_a_question_has_a_deadline_and_it_has_one(step: Step) -> None:
    for decision in Decision:
        for deadline in (0, 5):
            said = replace(step, detail=details.decided_detail(decision, 1, deadline, 0))
            assert is_well_formed(said) is ((decision is Decision.QUESTIONED) is (deadline == 5))
    assert not is_well_formed(replace(step, detail=details.decided_detail(1, 0, 0, 0)))


@given(lawful_steps(Kind.ERROR_DECLARED))
def test_the_kind_in_error_stands_on_a_side_and_only_incorrect_data_are_corrected(step: Step) -> None:
    wrong = replace(step, occurrence=0, detail=details.error_detail(Kind.DELIVERED, step.nature))
    assert not is_well_formed(wrong)
    other = replace(step, detail=details.error_detail(step.code, 3 - step.nature))
    assert not is_well_formed(other)
