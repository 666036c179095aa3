"""Steps and lists: the bytes that wallets sign, and the shapes that the ledger takes."""

from dataclasses import replace

import pytest
from eth_account.messages import encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from app.domain import steps
from app.domain.keccak import keccak256
from app.domain.shapes import is_well_formed
from app.domain.steps import Kind, Step, domain_separator, list_hash, signing_hash
from app.errors import InvalidRecord
from tests.domain.lawful import MOMENTS, PARTIES, ROOTS, identifiers, lawful_steps

TYPES = {
    "Step": [
        {"name": "kind", "type": "uint8"},
        {"name": "occurrence", "type": "uint8"},
        {"name": "claimedAt", "type": "uint40"},
        {"name": "subject", "type": "bytes16"},
        {"name": "detail", "type": "uint72"},
        {"name": "words", "type": "bytes32[]"},
    ],
    "StepList": [
        {"name": "party", "type": "uint32"},
        {"name": "deadline", "type": "uint40"},
        {"name": "steps", "type": "Step[]"},
    ],
}


def typed(step: Step) -> dict[str, object]:
    """A step as a wallet is shown it."""
    return {
        "kind": int(step.kind),
        "occurrence": step.occurrence,
        "claimedAt": step.claimed_at,
        "subject": step.subject,
        "detail": int.from_bytes(step.detail, "big"),
        "words": list(step.words),
    }


@given(lawful_steps())
def test_the_digest_of_a_step_is_its_eip_712_struct_hash(step: Step) -> None:
    signable = encode_typed_data({"name": "OptiTrace"}, {"Step": TYPES["Step"]}, typed(step))
    assert step.digest == signable.body


@given(
    PARTIES, MOMENTS, st.lists(lawful_steps(), max_size=4), st.integers(1, 1 << 60), st.binary(min_size=20, max_size=20)
)
def test_what_is_signed_is_the_eip_712_hash_of_the_list(
    party: int, deadline: int, content: list[Step], chain_id: int, ledger: bytes
) -> None:
    domain = {"name": "OptiTrace", "version": "1", "chainId": chain_id, "verifyingContract": "0x" + ledger.hex()}
    message = {"party": party, "deadline": deadline, "steps": [typed(step) for step in content]}
    signable = encode_typed_data(domain, TYPES, message)
    expected = keccak256(b"\x19" + signable.version + signable.header + signable.body)
    struct_hash = list_hash(party, deadline, [step.digest for step in content])
    assert signing_hash(domain_separator(chain_id, ledger), struct_hash) == expected


@given(lawful_steps())
def test_a_step_is_read_back_from_head_and_words(step: Step) -> None:
    assert len(step.head) == 32
    assert Step.from_parts(step.head, step.words) == step


@given(st.binary(max_size=64), st.lists(st.binary(max_size=40), max_size=8))
def test_a_head_and_words_are_a_step_or_are_refused(head: bytes, words: list[bytes]) -> None:
    whole = len(head) == 32 and 1 <= head[0] <= 8 and all(len(word) == 32 for word in words)
    if whole:
        assert Step.from_parts(head, words).head == head
    else:
        with pytest.raises(InvalidRecord):
            Step.from_parts(head, words)


@given(lawful_steps(), lawful_steps())
def test_two_steps_have_one_digest_only_if_they_are_the_same(one: Step, other: Step) -> None:
    assert (one.digest == other.digest) is (one == other)
    moved = replace(one, claimed_at=one.claimed_at ^ 1)
    assert moved.digest != one.digest


@given(lawful_steps())
def test_what_the_builders_make_is_well_formed(step: Step) -> None:
    assert is_well_formed(step)
    assert len(set(step.items)) == len(step.items)
    assert all(len(step.roots_of(item)) == len(steps.GROUPS[step.kind]) for item in step.items)


@given(lawful_steps(), st.data())
def test_a_step_with_a_word_too_many_or_too_few_is_malformed(step: Step, data: st.DataObject) -> None:
    more = data.draw(st.lists(ROOTS, min_size=1, max_size=4))
    if step.kind is not Kind.VERIFIED:
        assert not is_well_formed(replace(step, words=(*step.words, *more)))
        assert not step.words or not is_well_formed(replace(step, words=step.words[:-1]))
    assert not is_well_formed(replace(step, subject=bytes(16)))


@given(lawful_steps(), st.data())
def test_a_zero_root_and_a_used_spare_byte_are_malformed(step: Step, data: st.DataObject) -> None:
    if step.words:
        at = data.draw(st.integers(0, len(step.words) - 1))
        assert not is_well_formed(replace(step, words=(*step.words[:at], bytes(32), *step.words[at + 1 :])))
    spare = {Kind.QUOTED: 4, Kind.INVOICED: 0, Kind.VERIFIED: 8}.get(step.kind, 0)
    used = step.detail[:spare] + b"\x07" + step.detail[spare + 1 :]
    assert not is_well_formed(replace(step, detail=used))


@given(lawful_steps(Kind.INVOICED, Kind.VERIFIED))
def test_a_dossier_step_lists_each_item_once_and_sixteen_at_most(step: Step) -> None:
    lines = step.words[2:] if step.kind is Kind.INVOICED else step.words
    width = 5 if step.kind is Kind.INVOICED else 1
    assert not is_well_formed(replace(step, words=(*step.words, *lines[:width])))
    rest = [item.to_bytes(16, "big") for item in range(1, 18)]
    if step.kind is Kind.VERIFIED:
        assert not is_well_formed(replace(step, words=tuple(steps.item_word(item) for item in rest)))
        assert not is_well_formed(replace(step, words=()))
    else:
        many = [word for item in rest for word in (steps.invoiced_item_word(item), *lines[1:5])]
        assert not is_well_formed(replace(step, words=(*step.words[:2], *many)))
        assert not is_well_formed(replace(step, words=step.words[:2]))


@given(lawful_steps(Kind.INVOICED), PARTIES)
def test_an_invoice_names_a_second_insurer_only_after_another_first(step: Step, insurer: int) -> None:
    number = insurer.to_bytes(4, "big")
    assert not is_well_formed(replace(step, detail=bytes(5) + number))
    assert not is_well_formed(replace(step, detail=bytes(1) + number + number))
    assert is_well_formed(replace(step, detail=bytes(1) + number + bytes(4)))


@given(lawful_steps(Kind.QUOTED), identifiers())
def test_a_quote_says_its_dossier_and_its_glassmaker(step: Step, dossier: bytes) -> None:
    made = replace(step, detail=steps.quoted_detail(77), words=(steps.item_word(dossier), *step.words[1:]))
    assert (made.dossier, made.glassmaker, made.items) == (dossier, 77, (made.subject,))


@given(lawful_steps(Kind.INVOICED))
def test_an_invoice_says_its_items_insurers_and_whether_it_is_partial(step: Step) -> None:
    named = replace(step, detail=steps.invoiced_detail(True, [5, 9]))
    assert (named.partial, named.insurers, named.dossier) == (True, (5, 9), step.subject)
    for at, item in enumerate(named.items):
        assert named.roots_of(item) == named.words[3 + 5 * at : 7 + 5 * at]


@given(lawful_steps(Kind.VERIFIED))
def test_a_check_says_verdict_cases_and_invoice(step: Step) -> None:
    said = replace(step, detail=steps.verified_detail(4, 0b101, 3))
    assert (said.verdict_code, said.cases_mask, said.invoice) == (4, 0b101, 3)
