"""Brackets by the hundred thousand end no process, even where a library has raised the limit of recursion."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.nesting import MAX_DEPTH, too_deep

ROOT = Path(__file__).resolve().parents[2]
RAISED = "import sys; sys.setrecursionlimit(100_000)\n"
READERS = {
    "a sealed package": """
from app.exchange.sealed import strict_json
from app.errors import NotSealed as Refused
read = lambda: strict_json(b"[" * 100_000)
""",
    "a cursor": f"""
from app.queries.lists import key_of
from app.errors import BadCursor as Refused
read = lambda: key_of({base64.urlsafe_b64encode(b"[" * 3).decode()!r} * 30_000)
""",
    "a body": """
from app.api.json_loader import load
from app.api.errors import TooComplex as Refused
read = lambda: load(b"[" * 100_000)
""",
}
REFUSED = """
try:
    read()
except Refused:
    print("refused")
"""


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS.keys())
def test_a_reader_of_foreign_json_refuses_what_is_nested_deeper_than_a_stack(reader: str) -> None:
    child = subprocess.run(
        [sys.executable, "-c", reader + RAISED + REFUSED], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (child.returncode, child.stdout) == (0, "refused\n"), child.stderr[-500:]


def test_the_chain_leaves_the_limit_of_recursion_as_it_was() -> None:
    ask = (
        "import sys; before = sys.getrecursionlimit(); import app.chain.client; print(sys.getrecursionlimit() - before)"
    )
    child = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    assert child.stdout == "0\n"


@given(st.integers(0, 2 * MAX_DEPTH), st.text())
def test_only_brackets_outside_strings_count(levels: int, within: str) -> None:
    text = json.dumps(within + "[{" * 40)
    for _ in range(levels):
        text = f"[{text}]"
    assert too_deep(text.encode()) == (levels > MAX_DEPTH)
