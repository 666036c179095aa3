"""The reader of JSON: what it refuses, and that what it takes is what was sent."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.errors import BadEncoding, BadJson, BadNumber, DuplicateKey, TooComplex
from app.api.json_loader import MAX_DIGITS, MAX_VALUES, load
from app.errors import OptiTraceError
from app.nesting import MAX_DEPTH

CANARY = "ZZQXJVOLE"
Refusal = type[OptiTraceError]

REFUSED: list[tuple[str, bytes, Refusal, str | None]] = [
    ("an empty body", b"", BadJson, None),
    ("white space", b" \r\n\t", BadJson, None),
    ("no JSON", CANARY.encode(), BadJson, "line 1, column 1"),
    ("two documents", b"{} {}", BadJson, "line 1, column 4"),
    ("a comma at the end", b'{"item": 1,}', BadJson, None),
    ("a single quote", b"{'item': 1}", BadJson, None),
    ("a comment", b"{} // " + CANARY.encode(), BadJson, "line 1, column 4"),
    ("an open string", f'{{"item": "{CANARY}'.encode(), BadJson, "line 1, column 10"),
    ("a raw NUL", b'"\x00"', BadJson, "line 1, column 2"),
    ("a raw line feed in a string", b'"\n"', BadJson, "line 1, column 2"),
    ("a bad escape", rb'"\x41"', BadJson, None),
    ("a leading zero", b"[01]", BadJson, None),
    ("NaN", b'{"item": NaN}', BadNumber, "/item"),
    ("Infinity", b"[Infinity]", BadNumber, "/0"),
    ("minus Infinity", b"[-Infinity]", BadNumber, "/0"),
    ("1e999", b"[1, 1e999]", BadNumber, "/1"),
    ("an exponent", b"[1e2]", BadNumber, "/0"),
    ("1.0", b'{"item": [1.0]}', BadNumber, "/item/0"),
    ("minus zero", b"[-0]", BadNumber, "/0"),
    ("21 digits", b"[" + b"9" * (MAX_DIGITS + 1) + b"]", BadNumber, "/0"),
    ("5,000 digits", b"[" + b"9" * 5000 + b"]", BadNumber, "/0"),
    ("a key given twice", b'{"item": {"item": 1, "item": 1}}', DuplicateKey, "/item"),
    ("a key given twice under an unknown name", b'{"' + CANARY.encode() + b'": {"a": 1, "a": 2}}', DuplicateKey, ""),
    ("a key given twice, once escaped", rb'{"item": 1, "\u0069tem": 2}', DuplicateKey, ""),
    ("an escaped NUL", rb'{"item": "a\u0000b"}', BadEncoding, "/item"),
    ("an escaped NUL in a key", rb'{"item\u0000": 1}', BadEncoding, ""),
    ("half a surrogate pair", rb'{"item": "\ud800"}', BadEncoding, "/item"),
    ("the other half", rb'["\uDFFF"]', BadEncoding, "/0"),
    ("surrogates the wrong way round", rb'["\udc00\ud800"]', BadEncoding, "/0"),
    ("half a surrogate pair in a key", rb'{"\ud800": 1}', BadEncoding, ""),
    ("a byte order mark", b"\xef\xbb\xbf{}", BadEncoding, "line 1, column 1"),
    ("UTF-16", '{"item": 1}'.encode("utf-16"), BadEncoding, "byte 1"),
    ("UTF-16 without a mark", '{"item": 1}'.encode("utf-16-le"), BadJson, None),
    ("overlong UTF-8", b'"\xc0\x80"', BadEncoding, "byte 2"),
    ("a surrogate in UTF-8", b'"\xed\xa0\x80"', BadEncoding, "byte 2"),
    ("a broken sequence", b'{"item": "\xff"}', BadEncoding, "byte 11"),
    ("one level too deep", b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), TooComplex, None),
    ("brackets after an escaped quote", b'["\\"", ' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"]", TooComplex, None),
    ("200,000 levels of lists", b"[" * 200_000, TooComplex, None),
    ("200,000 levels of objects", b'{"item":' * 200_000, TooComplex, None),
    ("a million values", b"[" + b"1," * 999_999 + b"1]", TooComplex, None),
    ("a million keys", json.dumps(dict.fromkeys(map(str, range(1_000_000)), 1)).encode(), TooComplex, None),
    ("quotes without end", b"[[" * 20 + b'"' * 4_000_000, TooComplex, None),
]


@pytest.mark.parametrize(("body", "kind", "where"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_what_may_mean_two_things_is_refused(body: bytes, kind: Refusal, where: str | None) -> None:
    with pytest.raises(OptiTraceError) as refused:
        load(body, frozenset({"item"}))

    assert type(refused.value) is kind
    if where is not None:
        assert refused.value.where == where


@pytest.mark.parametrize("body", [case[1] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_a_refusal_holds_nothing_of_the_body(body: bytes) -> None:
    with pytest.raises(OptiTraceError) as refused:
        load(body, frozenset({"item"}))

    assert CANARY not in f"{refused.value.detail} {refused.value.where} {refused.value.mend}"
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


documents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**MAX_DIGITS) + 1, 10**MAX_DIGITS - 1)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_characters="\0", codec="utf-8")), inner)
    ),
    max_leaves=20,
)


@given(documents, st.booleans())
def test_what_is_taken_is_what_was_sent(document: object, escaped: bool) -> None:
    assert load(json.dumps(document, ensure_ascii=escaped).encode()) == document


@given(st.binary() | st.text(alphabet='[]{}",:\\u0dD8nullNaN-1.e ').map(str.encode))
def test_any_bytes_are_read_or_refused_and_nothing_else(body: bytes) -> None:
    try:
        found = load(body)
    except OptiTraceError:
        return
    assert json.loads(body) == found


def test_the_bounds_themselves_are_taken() -> None:
    assert load(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert load(b"9" * MAX_DIGITS) == 10**MAX_DIGITS - 1
    assert len(load(json.dumps([""] * (MAX_VALUES - 1)).encode())) == MAX_VALUES - 1  # type: ignore[arg-type]
    assert load(rb'"\ud83d\ude00"') == "\N{GRINNING FACE}"
    assert load(json.dumps(["[" * 1000] * 40).encode()) == ["[" * 1000] * 40
