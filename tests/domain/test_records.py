"""Values of a group: canonical once is canonical for good, and nothing malformed can exist."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.records import GroupValues, canonical_values, group_values
from app.domain.schemas import SCHEMAS, schema_of
from app.errors import InvalidRecord
from tests.domain.lenses import KINDS, Trade, cases, group_of_values

ROOT = Path(__file__).resolve().parents[2]
LENS = "optics.lens/1"
SECRET_WORD = "XYZZY plugh"


@given(cases())
def test_what_was_made_canonical_is_canonical(case: tuple[str, str, Trade]) -> None:
    values = group_values(*case)
    assert canonical_values(values.schema, values.group, values.values) == values


@given(group_of_values(), st.randoms())
def test_the_order_of_fields_is_the_schemas(values: GroupValues, random: Random) -> None:
    names = list(values.values)
    random.shuffle(names)
    again = canonical_values(values.schema, values.group, {name: values.values[name] for name in names})
    assert list(again.values) == [field.name for field in SCHEMAS[values.schema].group(values.group).fields]


@given(group_of_values(), st.data())
def test_a_field_more_or_less_is_refused(values: GroupValues, data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(list(values.values)))
    less = {name: value for name, value in values.values.items() if name != gone}
    for wrong in (less, {**values.values, "wearer": None}):
        with pytest.raises(InvalidRecord) as refused:
            canonical_values(values.schema, values.group, wrong, "/at")
        assert refused.value.where == "/at"


@pytest.mark.parametrize(
    ("group", "wrong"),
    [
        ("product", {"maker": "veralia0"}),
        ("product", {"maker": " VERALIA0"}),
        ("product", {"maker": ""}),
        ("product", {"index": "1.600"}),
        ("product", {"index": 1600}),
        ("supplements", {"codes": "PHOTO,AR"}),
        ("supplements", {"codes": ["AR"]}),
        ("correction", {"sphere": "-0"}),
        ("correction", {"sphere": "100", "cylinder": "25", "axis": "90"}),
        ("correction", {"sphere": "100", "cylinder": "0", "axis": None}),
        ("correction", {"sphere": "100", "cylinder": "-25", "axis": "0"}),
        ("correction", {"sphere": "100", "axis": "90"}),
        ("correction", {"addition": "0"}),
        ("correction", {"prism": "100", "prism_base": "360"}),
        ("correction", {"sphere": "-3000", "cylinder": "-1001", "axis": "5"}),
        ("price", {"services": "0", "currency": "EUR"}),
        ("price", {"amount": "100"}),
        ("device", {"gtin": "4006381333931"}),
    ],
)
def test_another_form_of_a_value_is_refused_not_corrected(group: str, wrong: dict[str, object]) -> None:
    absent = GroupValues.absent(LENS, group).values
    with pytest.raises(InvalidRecord):
        canonical_values(LENS, group, {**absent, **wrong})  # type: ignore[dict-item]


@pytest.mark.parametrize(("schema", "group"), KINDS)
def test_an_absent_group_has_every_field_absent(schema: str, group: str) -> None:
    absent = GroupValues.absent(schema, group)
    assert set(absent.values.values()) == {None}
    assert group_values(schema, group, {}) == absent


@pytest.mark.parametrize(("schema", "group"), KINDS)
@pytest.mark.parametrize("name", ["wearer", "insured_number", "birth_date", SECRET_WORD, "", "schema"])
def test_an_unknown_field_is_refused_without_naming_it(schema: str, group: str, name: str) -> None:
    with pytest.raises(InvalidRecord) as refused:
        group_values(schema, group, {name: "x"}, "/items/0/x")
    assert refused.value.where == "/items/0/x"
    assert SECRET_WORD not in f"{refused.value.detail}{refused.value.mend}"


@pytest.mark.parametrize(("schema", "group"), KINDS)
def test_a_refusal_never_repeats_the_value(schema: str, group: str) -> None:
    for field in schema_of(schema).group(group).fields:
        with pytest.raises(InvalidRecord) as refused:
            group_values(schema, group, {field.name: SECRET_WORD}, "/at")
        error = refused.value
        assert error.where == f"/at/{field.name}"
        assert SECRET_WORD not in f"{error} {error.detail} {error.mend} {error!r}"
        assert error.detail.startswith(f"{field.name} is ")
        assert error.mend


@pytest.mark.parametrize(("schema", "group"), [("optics.lens/2", "product"), (LENS, "claim"), ("", "")])
def test_an_unknown_schema_or_group_is_refused(schema: str, group: str) -> None:
    with pytest.raises(InvalidRecord):
        group_values(schema, group, {})


@given(group_of_values())
def test_values_do_not_show_in_a_log(values: GroupValues) -> None:
    assert repr(values) == f"GroupValues(schema={values.schema!r}, group={values.group!r})"


def test_values_cannot_be_changed() -> None:
    values = GroupValues.absent(LENS, "product")
    with pytest.raises(TypeError):
        values.values["maker"] = "OTHER"  # type: ignore[index]
    with pytest.raises(AttributeError):
        values.group = "price"  # type: ignore[misc]


@pytest.mark.parametrize("schema", [each for each in SCHEMAS if "coding" in SCHEMAS[each].groups])
@pytest.mark.parametrize("code", ["2210546", "2210547", "LPP2261874", "0000002261874", "a2261874b", "2261874 "])
def test_a_detailed_code_does_not_pass_as_a_grouped_one_of_any_schema(schema: str, code: str) -> None:
    with pytest.raises(InvalidRecord) as refused:
        group_values(schema, "coding", {"grouped_code": code})
    assert refused.value.where == "/grouped_code"
    assert code.strip() not in f"{refused.value.detail} {refused.value.mend}"
    with pytest.raises(InvalidRecord):
        canonical_values(schema, "coding", {"grouped_code": code.strip().upper(), "class": None, "mapping": None})


@pytest.mark.parametrize("code", ["VP2", "HA7FIT", "OV8", "226187", "123456A123456", "A1B2C3D4E5F6G7H8"])
def test_what_has_no_seven_digits_in_a_row_is_a_grouped_code(code: str) -> None:
    assert group_values(LENS, "coding", {"grouped_code": code}).values["grouped_code"] == code


@pytest.mark.parametrize(("schema", "group"), KINDS)
def test_no_field_is_called_like_the_leaf_of_the_schema(schema: str, group: str) -> None:
    names = [field.name for field in SCHEMAS[schema].group(group).fields]
    assert len(set(names)) == len(names)
    assert "schema" not in names


def test_nothing_outside_the_schemas_names_what_is_sold() -> None:
    trades = {name.split(".")[0] + "." for name in SCHEMAS if "." in name}
    assert trades == {"optics.", "hearing."}
    named = [
        file
        for file in (ROOT / "app").rglob("*.py")
        if file.parent.name != "schemas" or file.parent.parent.name != "domain"
        if any(f'"{trade}' in file.read_text(encoding="utf-8") for trade in trades)
    ]
    # The documentation's examples are of one trade.
    assert sorted(named) == [ROOT / "app/api/examples.py", ROOT / "app/api/gateway_examples.py"]


def test_the_released_fields_stay_as_they_are() -> None:
    assert {
        (schema.identifier, group.name): [field.name for field in group.fields]
        for schema in SCHEMAS.values()
        for group in schema.groups.values()
    } == RELEASED


_AID, _VISIT = "hearing.aid/1", "hearing.visit/1"
_SOLD = {
    "supplements": ["codes"],
    "coding": ["grouped_code", "class", "mapping"],
    "price": ["amount", "services", "currency"],
    "device": ["number", "gtin", "lot", "udi", "token"],
}
RELEASED = {
    **{(LENS, group): fields for group, fields in _SOLD.items()},
    **{("optics.frame/1", group): fields for group, fields in _SOLD.items()},
    **{(_AID, group): fields for group, fields in _SOLD.items()},
    **{(_VISIT, group): fields for group, fields in _SOLD.items()},
    (LENS, "product"): ["maker", "code", "index", "geometry"],
    (LENS, "correction"): [
        *("eye", "sphere", "cylinder", "axis", "addition", "prism", "prism_base"),
        *("diameter", "pupillary_distance", "fitting_height"),
    ],
    (LENS, "reference"): ["order"],
    ("optics.frame/1", "product"): ["maker", "code", "size"],
    (_AID, "product"): ["maker", "code", "form"],
    (_AID, "correction"): ["ear", "gain", "output"],
    (_AID, "reference"): ["order"],
    (_VISIT, "product"): ["maker", "code"],
    (_VISIT, "device"): ["number", "date"],
    ("dossier/1", "claim"): ["siret", "dossier_reference", "cover_number"],
    ("dossier/1", "renewal"): ["legal_case", "previous_date", "prescription_date"],
    ("dossier/1", "statement"): ["ground", "previous_date"],
    ("dossier/1", "cover"): ["amount", "currency", "request_date"],
    ("dossier/1", "grant"): ["cover_number", "amount", "currency", "valid_until"],
}
