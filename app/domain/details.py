"""Building the detail and the words of steps: the one place, beside their reading, that knows where what stands."""

from collections.abc import Collection, Sequence

from app.domain.keccak import keccak256
from app.domain.kinds import ERASABLE
from app.domain.steps import DETAIL_LENGTH, HASH_LENGTH, ID_LENGTH

FIRST_VERSION = 1
NO_DETAIL = bytes(DETAIL_LENGTH)
_NULLIFIER_TAG = keccak256(b"optitrace nullifier/1")


def _number(number: int, size: int = 4) -> bytes:
    return number.to_bytes(size, "big")


def _padded(*parts: bytes) -> bytes:
    return b"".join(parts).ljust(DETAIL_LENGTH, b"\0")


def id_word(name: bytes) -> bytes:
    """An item, dossier or lot as a word: its identifier to the left."""
    return name.ljust(HASH_LENGTH, b"\0")


def quoted_detail(glassmaker: int) -> bytes:
    """Detail of `quoted`: the glassmaker, and the versions of product and supplements, which a quote has at 1."""
    return _number(glassmaker) + bytes([0, 0, FIRST_VERSION, FIRST_VERSION, 0])


def replacing_detail(glassmaker: int) -> bytes:
    """Detail of `quoted` that replaces another item."""
    return _padded(_number(glassmaker))


def ordered_detail(
    product: int = FIRST_VERSION, supplements: int = FIRST_VERSION, correction: int = FIRST_VERSION
) -> bytes:
    """Detail of `ordered`: the versions of its groups."""
    return bytes([0, 0, 0, 0, 0, 0, product, supplements, correction])


def manufactured_detail(
    warranty: bool = False,
    product: int = FIRST_VERSION,
    supplements: int = FIRST_VERSION,
    correction: int = FIRST_VERSION,
) -> bytes:
    """Detail of `manufactured`: whether under an adaptation warranty, and the versions of its groups."""
    return bytes([warranty, 0, 0, 0, 0, 0, product, supplements, correction])


def invoiced_detail(partial: bool, insurers: Sequence[int]) -> bytes:
    """Detail of `invoiced`: partial or not, then at most two insurers."""
    first, second = (*insurers, 0, 0)[:2]
    return bytes([partial]) + _number(first) + _number(second)


def invoiced_item_word(item: bytes, product: int = FIRST_VERSION, supplements: int = FIRST_VERSION) -> bytes:
    """An item in `invoiced`, with the versions of its product and supplements."""
    return item + bytes(HASH_LENGTH - ID_LENGTH - 3) + bytes([product, supplements, 0])


def verified_detail(verdict: int, cases: int, invoice: int) -> bytes:
    """Detail of `verified`: verdict, cases, occurrence of the invoice checked."""
    return _padded(bytes([verdict]), _number(cases), bytes([invoice]))


def drawn_detail(unit: int) -> bytes:
    """Detail of `drawn`: the unit of the lot, and the versions of its product and supplements, which are 1."""
    return _number(unit) + bytes([0, 0, FIRST_VERSION, FIRST_VERSION, 0])


def substituted_detail(product: int = FIRST_VERSION, supplements: int = FIRST_VERSION) -> bytes:
    """Detail of `substituted`: the versions of its groups."""
    return bytes([0, 0, 0, 0, 0, 0, product, supplements, 0])


def reason_detail(reason: int) -> bytes:
    """Detail of the kinds that say why and nothing else: `cancelled` to `exchanged`."""
    return _padded(bytes([reason]))


def error_detail(kind: int, nature: int) -> bytes:
    """Detail of `error_declared`: the kind in error, and what is wrong with it."""
    return _padded(bytes([kind, nature]))


def decided_detail(decision: int, reason: int, deadline: int, check: int) -> bytes:
    """Detail of `decided`: decision, reason, until when a question must be answered, occurrence of its check."""
    return _padded(bytes([decision, reason]), _number(deadline, 5), bytes([check]))


def answered_detail(insurer: int, occurrence: int, kind: int) -> bytes:
    """Detail of `answered`: to whom, and the occurrence and kind of what is answered."""
    return _padded(_number(insurer), bytes([occurrence, kind]))


def party_detail(number: int) -> bytes:
    """Detail of the kinds that name a party and nothing else: `cover_requested`, `lot_shipped`, `lot_transferred`."""
    return _padded(_number(number))


def cover_answered_detail(answer: int, request: int) -> bytes:
    """Detail of `cover_answered`: the answer, and the occurrence of the request."""
    return _padded(bytes([answer, request]))


def occurrence_detail(occurrence: int) -> bytes:
    """Detail of `cover_cancelled` (of which request) and `withdrawn` (which invoice)."""
    return _padded(bytes([occurrence]))


def demanded_detail(group: int) -> bytes:
    """Detail of `opening_demanded`: the number of the group."""
    return _padded(bytes([group]))


def erased_detail(groups: Collection[str]) -> bytes:
    """Detail of `erased`: a bit for each group of which alone the record is gone, none for the whole record."""
    return _padded(_number(sum(1 << ERASABLE[group] for group in groups), 2))


def nullifier_of(glassmaker: int, token: bytes) -> bytes:
    """What stands on the ledger for one device: nobody without its token can tell which."""
    return keccak256(_NULLIFIER_TAG + _number(glassmaker, 32) + keccak256(token))


def unit_leaf(number: int, words: Sequence[bytes]) -> bytes:
    """The leaf of a unit of stock: its number, then nullifier, product, supplements, correction, coding, device."""
    return keccak256(keccak256(_number(number, 32) + b"".join(words)))
