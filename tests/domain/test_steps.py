"""Steps and lists: the bytes that wallets sign, and the shapes that the ledger takes."""

from dataclasses import replace

import pytest
from eth_account.messages import encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from app.domain import details, steps
from app.domain.keccak import keccak256
from app.domain.kinds import ITEM_KINDS, REASONS, reason_label, reason_number
from app.domain.steps import Kind, Step, domain_separator, list_hash, signing_hash
from app.errors import InvalidRecord
from tests.domain.lawful import MOMENTS, PARTIES, identifiers, lawful_steps

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
    whole = len(head) == 32 and 1 <= head[0] <= 31 and all(len(word) == 32 for word in words)
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


@given(lawful_steps(Kind.QUOTED), identifiers())
def test_a_quote_says_its_dossier_and_its_glassmaker(step: Step, dossier: bytes) -> None:
    made = replace(step, detail=details.quoted_detail(77), words=(details.id_word(dossier), *step.words[1:]))
    assert (made.dossier, made.glassmaker, made.items) == (dossier, 77, (made.subject,))


@given(lawful_steps(Kind.QUOTED), identifiers())
def test_a_quote_with_two_words_replaces_an_item_and_commits_to_nothing(step: Step, item: bytes) -> None:
    made = replace(step, words=(step.words[0], details.id_word(item)))
    assert (made.replaces, made.roots_of(made.subject)) == (item, ())
    whole = replace(step, words=(step.words[0], *[b"\1" * 32] * 4))
    assert (whole.replaces, whole.roots_of(whole.subject)) == (None, (b"\1" * 32,) * 4)


@given(lawful_steps(Kind.INVOICED))
def test_an_invoice_says_its_items_insurers_and_whether_it_is_partial(step: Step) -> None:
    named = replace(step, detail=details.invoiced_detail(True, [5, 9]))
    assert (named.partial, named.insurers, named.dossier) == (True, (5, 9), step.subject)
    for at, item in enumerate(named.items):
        assert named.roots_of(item) == named.words[3 + 5 * at : 7 + 5 * at]


@given(lawful_steps())
def test_an_item_step_commits_to_as_many_roots_as_its_kind_has_groups(step: Step) -> None:
    if step.kind in ITEM_KINDS and not (step.kind is Kind.QUOTED and step.replaces):
        assert len(step.roots_of(step.subject)) == len(steps.GROUPS[step.kind])
        assert step.items == (step.subject,)


@given(lawful_steps(Kind.VERIFIED, Kind.DECIDED, Kind.ANSWERED, Kind.COVER_ANSWERED, Kind.COVER_CANCELLED))
def test_a_step_about_another_says_which(step: Step) -> None:
    details_of = {
        Kind.VERIFIED: details.verified_detail(4, 0b101, 3),
        Kind.DECIDED: details.decided_detail(2, 7, 99, 3),
        Kind.ANSWERED: details.answered_detail(5, 3, Kind.DECIDED),
        Kind.COVER_ANSWERED: details.cover_answered_detail(2, 3),
        Kind.COVER_CANCELLED: details.occurrence_detail(3),
    }
    said = replace(step, detail=details_of[step.kind])
    assert said.about == 3
    if said.kind is Kind.VERIFIED:
        assert (said.verdict_code, said.cases_mask, said.invoice) == (4, 0b101, 3)
    if said.kind is Kind.DECIDED:
        assert (said.code, said.reason, said.deadline) == (2, 7, 99)
    if said.kind is Kind.ANSWERED:
        assert (said.number, said.answered_kind) == (5, Kind.DECIDED)


def test_a_nullifier_tells_makers_and_devices_apart() -> None:
    one = details.nullifier_of(7, b"a" * 32)
    assert one == keccak256(keccak256(b"optitrace nullifier/1") + (7).to_bytes(32, "big") + keccak256(b"a" * 32))
    assert len({one, details.nullifier_of(8, b"a" * 32), details.nullifier_of(7, b"b" * 32)}) == 3


def test_every_reason_has_a_number_and_a_word() -> None:
    for kind, labels in REASONS.items():
        for number, label in enumerate(labels, 1):
            assert (reason_number(kind, label), reason_label(kind, number)) == (number, label)
        assert reason_label(kind, 255) == "255"
    with pytest.raises(ValueError, match="not in tuple"):
        reason_number(Kind.CANCELLED, "headache")
