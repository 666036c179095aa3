"""
Whether a step is well formed: the ledger's own judgement of head and words alone, without state.

The shapes are those of the table in `contracts/interfaces/IEquipmentLedger.sol`. A step that fails them is malformed
for good, so none is signed here, none is taken from a package, and none can stand in the ledger's log.
"""

from collections.abc import Callable, Mapping, Sequence

from app.domain.comparisons import COMPARISONS
from app.domain.details import FIRST_VERSION, NO_DETAIL, erased_detail, id_word, quoted_detail, replacing_detail
from app.domain.kinds import COUNTED, GROUP_NUMBERS, INVOICES, Answer, Decision, Kind, Nature
from app.domain.steps import GROUPS, HASH_LENGTH, ID_LENGTH, INVOICE_GROUPS, INVOICE_WIDTH, MAX_ITEMS, Step

_ZERO = bytes(HASH_LENGTH)
_VERDICTS = range(1, 5)
_MAX_SIBLINGS = 32
_ANSWERABLE = (Kind.DECIDED, Kind.OPENING_DEMANDED)
_CORRECTED: Mapping[int, int] = {Nature.DID_NOT_OCCUR: 0, Nature.INCORRECT_DATA: 1}
"""How many roots a declared error corrects."""


def is_well_formed(step: Step) -> bool:
    """Whether the ledger takes a step of this shape from somebody who may sign it."""
    return any(step.subject) and _occurrence(step) and _SHAPES[step.kind](step)


def _occurrence(step: Step) -> bool:
    if step.kind is Kind.INVOICED:
        return step.occurrence < INVOICES
    if step.kind is Kind.ERROR_DECLARED:
        return step.occurrence < len(COMPARISONS)
    return step.kind in COUNTED or step.kind is Kind.ERASED or step.occurrence == 0


# -- kinds --


def _bare(step: Step) -> bool:
    return step.detail == NO_DETAIL and not step.words


def _quoted(step: Step) -> bool:
    if len(step.words) == 2:
        return step.detail == replacing_detail(step.glassmaker) and all(map(_is_id, step.words))
    lawful = step.detail == quoted_detail(step.glassmaker) and _has_words(step, 1 + len(GROUPS[Kind.QUOTED]))
    return lawful and _is_id(step.words[0])


def _ordered(step: Step) -> bool:
    return _is_blank(step, 0, 6) and all(step.detail[6:9]) and _has_words(step, 3)


def _manufactured(step: Step) -> bool:
    return step.detail[0] <= 1 and _is_blank(step, 1, 6) and all(step.detail[6:9]) and _has_words(step, 7)


def _delivered(step: Step) -> bool:
    return step.detail == NO_DETAIL and (_has_words(step, 1) or _has_words(step, 2))


def _invoiced(step: Step) -> bool:
    first, second = int.from_bytes(step.detail[1:5], "big"), int.from_bytes(step.detail[5:], "big")
    if step.detail[0] > 1 or (second and first in (0, second)):
        return False
    lines = len(step.words) - len(INVOICE_GROUPS)
    if lines <= 0 or lines % INVOICE_WIDTH or _ZERO in step.words:
        return False
    words = step.words[len(INVOICE_GROUPS) :: INVOICE_WIDTH]
    return all(map(_is_line, words)) and _are_few_and_distinct(step.items)


def _is_line(word: bytes) -> bool:
    name, (product, supplements, rest) = word[:ID_LENGTH], word[29:]
    return any(name) and not any(word[ID_LENGTH:29]) and product > 0 and supplements > 0 and rest == 0


def _verified(step: Step) -> bool:
    return step.verdict_code in _VERDICTS and _is_blank(step, 6) and not step.words


def _drawn(step: Step) -> bool:
    versions = step.detail[4:] == bytes([0, 0, FIRST_VERSION, FIRST_VERSION, 0])
    whole = 7 <= len(step.words) <= 7 + _MAX_SIBLINGS and _ZERO not in step.words[:7]
    return versions and whole and _is_id(step.words[0])


def _substituted(step: Step) -> bool:
    return _is_blank(step, 0, 6) and all(step.detail[6:8]) and step.detail[8] == 0 and _has_words(step, 2)


def _with_reason(words: int) -> Callable[[Step], bool]:
    return lambda step: step.code > 0 and _is_blank(step, 1) and _has_words(step, words)


def _exchanged(step: Step) -> bool:
    return _with_reason(1)(step) and _is_id(step.words[0])


def _error_declared(step: Step) -> bool:
    if step.code not in COMPARISONS[step.occurrence].kinds or not _is_blank(step, 2):
        return False
    return step.nature in _CORRECTED and _has_words(step, _CORRECTED[step.nature])


def _erased(step: Step) -> bool:
    lawful = step.detail == erased_detail(step.erased_groups) and not step.words
    return lawful and (step.occurrence == 0) is step.erases_all


def _decided(step: Step) -> bool:
    lawful = step.code in Decision._value2member_map_ and step.reason > 0 and _is_blank(step, 8) and not step.words
    return lawful and (step.deadline > 0) is (step.code == Decision.QUESTIONED)


def _answered(step: Step) -> bool:
    lawful = step.answered_kind in _ANSWERABLE and step.number > 0
    return lawful and _is_blank(step, 6) and _has_words(step, 1)


def _names_a_party(words: int) -> Callable[[Step], bool]:
    return lambda step: step.number > 0 and _is_blank(step, 4) and _has_words(step, words)


def _cover_answered(step: Step) -> bool:
    return step.code in Answer._value2member_map_ and _is_blank(step, 2) and _has_words(step, 1)


def _cover_cancelled(step: Step) -> bool:
    return _is_blank(step, 1) and not step.words


def _breakage_replaced(step: Step) -> bool:
    lawful = step.detail == NO_DETAIL and _has_words(step, 1) and _is_id(step.words[0])
    return lawful and step.named != step.subject


def _renewal_stated(step: Step) -> bool:
    return step.detail == NO_DETAIL and _has_words(step, 1)


def _withdrawn(step: Step) -> bool:
    lawful = step.invoice < INVOICES and _is_blank(step, 1)
    return lawful and all(map(_is_id, step.words)) and _are_few_and_distinct(step.words)


def _opening_demanded(step: Step) -> bool:
    lawful = step.code in GROUP_NUMBERS.values() and _is_blank(step, 1)
    return lawful and _has_words(step, 1) and _is_id(step.words[0])


_SHAPES: Mapping[Kind, Callable[[Step], bool]] = {
    Kind.QUOTED: _quoted,
    Kind.ORDERED: _ordered,
    Kind.MANUFACTURED: _manufactured,
    Kind.SHIPPED: _bare,
    Kind.RECEIVED: _bare,
    Kind.DELIVERED: _delivered,
    Kind.INVOICED: _invoiced,
    Kind.VERIFIED: _verified,
    Kind.ACKNOWLEDGED: _bare,
    Kind.MOUNTED: _bare,
    Kind.DRAWN: _drawn,
    Kind.SUBSTITUTED: _substituted,
    Kind.CANCELLED: _with_reason(0),
    Kind.REFUSED_ON_ARRIVAL: _with_reason(0),
    Kind.BROKEN_AT_EDGING: _with_reason(0),
    Kind.RETURNED: _with_reason(0),
    Kind.CREDITED: _with_reason(1),
    Kind.EXCHANGED: _exchanged,
    Kind.ERROR_DECLARED: _error_declared,
    Kind.ERASED: _erased,
    Kind.DECIDED: _decided,
    Kind.ANSWERED: _answered,
    Kind.COVER_REQUESTED: _names_a_party(1),
    Kind.COVER_ANSWERED: _cover_answered,
    Kind.COVER_CANCELLED: _cover_cancelled,
    Kind.BREAKAGE_REPLACED: _breakage_replaced,
    Kind.RENEWAL_STATED: _renewal_stated,
    Kind.WITHDRAWN: _withdrawn,
    Kind.OPENING_DEMANDED: _opening_demanded,
    Kind.LOT_SHIPPED: _names_a_party(1),
    Kind.LOT_TRANSFERRED: _names_a_party(0),
}


# -- pieces --


def _is_blank(step: Step, start: int, end: int | None = None) -> bool:
    return not any(step.detail[start:end])


def _has_words(step: Step, count: int) -> bool:
    return len(step.words) == count and _ZERO not in step.words


def _is_id(word: bytes) -> bool:
    return any(word) and word == id_word(word[:ID_LENGTH])


def _are_few_and_distinct(names: Sequence[bytes]) -> bool:
    return 0 < len(names) <= MAX_ITEMS and len(set(names)) == len(names)
