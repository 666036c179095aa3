"""
Whether a step is well formed: the ledger's own judgement of head and words alone, without state.

The same rules as `contracts/libraries/Shapes.sol`. A step that fails them is malformed for good, so none is signed
here, none is taken from a package, and none can stand in the ledger's log.
"""

from collections.abc import Sequence

from app.domain.steps import (
    GROUPS,
    HASH_LENGTH,
    ID_LENGTH,
    INVOICE_GROUPS,
    MAX_ITEMS,
    Kind,
    Step,
    invoiced_item_word,
    item_word,
    made_detail,
    quoted_detail,
)

_ZERO = bytes(HASH_LENGTH)
_ITEM_WIDTH = 1 + len(GROUPS[Kind.INVOICED])
_VERDICTS = range(1, 5)


def is_well_formed(step: Step) -> bool:
    """Whether the ledger takes a step of this shape from somebody who may sign it."""
    if not any(step.subject):
        return False
    if step.kind is Kind.INVOICED:
        return _is_invoice(step)
    if step.kind is Kind.VERIFIED:
        return _is_check(step)
    return step.occurrence == 0 and _is_item_step(step)


def _is_item_step(step: Step) -> bool:
    words = step.words
    if step.kind is Kind.QUOTED:
        if len(words) != 1 + len(GROUPS[Kind.QUOTED]) or not _is_id(words[0]):
            return False
        return step.detail == quoted_detail(step.glassmaker) and _ZERO not in words
    detail = made_detail() if step.kind in (Kind.ORDERED, Kind.MANUFACTURED) else bytes(len(step.detail))
    return len(words) == len(GROUPS[step.kind]) and step.detail == detail and _ZERO not in words


def _is_invoice(step: Step) -> bool:
    first, second = int.from_bytes(step.detail[1:5], "big"), int.from_bytes(step.detail[5:], "big")
    if step.detail[0] > 1 or (second and first in (0, second)):
        return False
    lines = len(step.words) - len(INVOICE_GROUPS)
    if lines <= 0 or lines % _ITEM_WIDTH or _ZERO in step.words:
        return False
    items = step.words[len(INVOICE_GROUPS) :: _ITEM_WIDTH]
    names = all(any(word[:ID_LENGTH]) and word == invoiced_item_word(word[:ID_LENGTH]) for word in items)
    return names and _are_few_and_distinct(items)


def _is_check(step: Step) -> bool:
    if step.verdict_code not in _VERDICTS or any(step.detail[6:]):
        return False
    return all(_is_id(word) for word in step.words) and _are_few_and_distinct(step.words)


def _is_id(word: bytes) -> bool:
    return any(word) and word == item_word(word[:ID_LENGTH])


def _are_few_and_distinct(words: Sequence[bytes]) -> bool:
    return 0 < len(words) <= MAX_ITEMS and len(set(words)) == len(words)
