"""
Which grouped code and class an item has: versioned tables, from which every party derives the same.

The insurer may see grouped codes and nothing finer; the maker, who knows what it
made, derives the code, and the seller who quoted it derived the same one from the
same table. A table is told by name and version, and its root commits to every row.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from app.domain import merkle
from app.domain.commitment import Hash, leaf
from app.domain.schemas import Measures, Values, schema_of
from app.errors import InvalidRecord

MAX_ROWS = 65_535
CODED = ("grouped_code", "class")
_NO_SALT = bytes(32)
"""A table is public, so its leaves hide nothing."""


@dataclass(frozen=True, slots=True)
class Band:
    """Whole numbers from `low` to `high`, both among them; None is no bound."""

    low: int | None = None
    high: int | None = None

    def holds(self, number: int | None) -> bool:
        """Whether the number lies in the band; one that is absent lies in the band without bounds only."""
        if number is None:
            return self.low is None and self.high is None
        return (self.low is None or self.low <= number) and (self.high is None or number <= self.high)

    def meets(self, other: "Band") -> bool:
        """Whether there is a number in both."""
        return _reaches(self.low, other.high) and _reaches(other.low, self.high)

    @property
    def is_empty(self) -> bool:
        """Whether no number lies in it."""
        return not _reaches(self.low, self.high)


def _reaches(low: int | None, high: int | None) -> bool:
    return low is None or high is None or low <= high


@dataclass(frozen=True, slots=True)
class Row:
    """One row: words that the product has (None is any), bands of numbers, and the code and class that they give."""

    words: Mapping[str, str | None]
    bands: Mapping[str, Band]
    coding: Mapping[str, str]

    def fits(self, product: Values, numbers: Mapping[str, int]) -> bool:
        """Whether the row is about an item of that product with those numbers."""
        return all(word in (None, product[name]) for name, word in self.words.items()) and all(
            band.holds(numbers.get(name)) for name, band in self.bands.items()
        )

    def meets(self, other: "Row") -> bool:
        """Whether something could fit both."""
        return all(word is None or other.words[name] in (None, word) for name, word in self.words.items()) and all(
            band.meets(other.bands[name]) for name, band in self.bands.items()
        )

    @property
    def text(self) -> str:
        """The row as it is committed to: words, the ends of the bands, code and class, joined by semicolons."""
        ends = [end for band in self.bands.values() for end in (band.low, band.high)]
        told = [*self.words.values(), *ends, *(self.coding[name] for name in CODED)]
        return ";".join("" if each is None else str(each) for each in told)


@dataclass(frozen=True, slots=True)
class MappingTable:
    """
    The rows of one version of a table, `name` as it stands in `mapping`: `sample/1`.

    `valid_from` is the first day of quotes that are coded by it unless they name another; None if it is used only
    where it is named. Rows that name the product (maker and code) go before rows for any product. Raises
    `InvalidRecord` whose `where` is `/rows/N` for a row that no item fits, or that could be meant together with an
    earlier one.
    """

    name: str
    schema: str
    label: str
    valid_from: str | None
    rows: Sequence[Row]
    _by_product: Mapping[tuple[str | None, ...], list[Row]] = field(init=False, repr=False, compare=False)
    _root: list[Hash] = field(init=False, repr=False, compare=False, default_factory=list)

    def __post_init__(self) -> None:
        if not 0 < len(self.rows) <= MAX_ROWS:
            raise InvalidRecord("/rows", f"a mapping table has 1 to {MAX_ROWS} rows")
        by_product: dict[tuple[str | None, ...], list[tuple[int, Row]]] = {}
        for number, row in enumerate(self.rows):
            if any(band.is_empty for band in row.bands.values()):
                raise InvalidRecord(f"/rows/{number}", "a band of the row ends before it begins")
            if len({word is None for word in _product(row.words)}) > 1:
                raise InvalidRecord(f"/rows/{number}", "the row names one of maker and code without the other")
            by_product.setdefault(_product(row.words), []).append((number, row))
        for (_, first), (number, second) in _pairs(by_product.values()):
            if first.meets(second):
                raise InvalidRecord(f"/rows/{number}", "the row could be meant together with an earlier one")
        kept = {product: [row for _, row in rows] for product, rows in by_product.items()}
        object.__setattr__(self, "_by_product", kept)

    def coding(self, product: Values, correction: Values) -> Mapping[str, str] | None:
        """Give grouped code and class of an item, from canonical values; None if no row is about it."""
        numbers = measures_of(self.schema).of(product, correction)
        rows = self._by_product.get(_product(product)) or self._by_product.get((None, None), [])
        return next((row.coding for row in rows if row.fits(product, numbers)), None)

    @property
    def root(self) -> Hash:
        """Commit to the table: its schema and first day at position 0, then its rows in order."""
        if not self._root:
            # Once: a list in force has tens of thousands of rows.
            texts = [f"{self.schema};{self.valid_from or ''}", *(row.text for row in self.rows)]
            leaves = [leaf(_NO_SALT, place, self.name, text) for place, text in enumerate(texts)]
            self._root.append(Hash(merkle.root(leaves)))
        return self._root[0]


@dataclass(frozen=True, slots=True)
class Mappings:
    """The tables that a gateway holds."""

    tables: tuple[MappingTable, ...] = ()

    def named(self, name: str) -> MappingTable | None:
        """Give the table of that name and version."""
        return next((table for table in self.tables if table.name == name), None)

    @property
    def have_dates(self) -> bool:
        """Whether there is a table that is used without being named."""
        return any(table.valid_from is not None for table in self.tables)

    def in_force(self, schema: str, day: str) -> MappingTable | None:
        """Give the table by which items of the schema that are quoted on that day are coded."""
        begun = [t for t in self.tables if t.schema == schema and t.valid_from is not None and t.valid_from <= day]
        return max(begun, key=lambda table: (table.valid_from or "", table.name), default=None)


def measures_of(schema: str) -> Measures:
    """Give what tables tell items of the schema by, or refuse a schema that has no such tables."""
    measures = schema_of(schema).measures
    if measures is None:
        raise InvalidRecord("/schema", "no mapping table gives the code of items of this schema")
    return measures


def _product(words: Mapping[str, str | None]) -> tuple[str | None, ...]:
    return words["maker"], words["code"]


def _pairs(groups: Iterable[list[tuple[int, Row]]]) -> Iterator[tuple[tuple[int, Row], tuple[int, Row]]]:
    for rows in groups:
        yield from combinations(rows, 2)
