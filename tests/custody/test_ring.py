"""Key-encryption keys from a file or a descriptor: who may read them, which is used, and what is said of a bad one."""

import os
import secrets
from pathlib import Path

import pytest

from app.custody.ring import KeyRing, keys_of, ring_from_descriptor, ring_from_file
from app.custody.source import key_encryption
from app.errors import VaultUnreadable

OLD, NEW = secrets.token_hex(32), secrets.token_hex(32)
CONTEXT, DATA_KEY = b"whose", secrets.token_bytes(32)


def file_of(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "vault.keys"
    file.touch(mode=mode)
    file.chmod(mode)
    file.write_text(text)
    return file


def test_the_last_line_is_the_newest_key_and_all_can_be_used(tmp_path: Path) -> None:
    ring = ring_from_file(file_of(tmp_path, f"old {OLD}\nnew {NEW}\n"))
    assert ring.newest == "new"
    for name in ("old", "new"):
        (wrapped,) = ring.wrap(name, [(CONTEXT, DATA_KEY)])
        assert ring.unwrap(name, [(CONTEXT, wrapped)]) == [DATA_KEY]


def test_a_wrapped_key_opens_under_its_own_context_and_key_alone() -> None:
    ring = KeyRing({"old": bytes.fromhex(OLD), "new": bytes.fromhex(NEW)})
    (wrapped,) = ring.wrap("old", [(CONTEXT, DATA_KEY)])
    for name, context in (("old", b"another"), ("new", CONTEXT)):
        with pytest.raises(VaultUnreadable, match="cannot be unwrapped"):
            ring.unwrap(name, [(context, wrapped)])


def test_the_same_key_is_never_wrapped_to_the_same_bytes() -> None:
    ring = KeyRing({"old": bytes.fromhex(OLD)})
    assert len(set(ring.wrap("old", [(CONTEXT, DATA_KEY)] * 1000))) == 1000


@pytest.mark.parametrize("bit", range(6))
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, bit: int) -> None:
    with pytest.raises(VaultUnreadable, match="chmod 600"):
        ring_from_file(file_of(tmp_path, f"old {OLD}\n", 0o600 | 1 << bit))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VaultUnreadable, match="the key file none cannot be read"):
        ring_from_file(tmp_path / "none")


@pytest.mark.parametrize(
    "text",
    ["", "\n", OLD, f"old {OLD[:-1]}", f"old {OLD}0", f"OLD {OLD}", f"a b {OLD}", f"old {OLD}\nold {NEW}", f"old{OLD}"],
    ids=["nothing", "a line", "no name", "short", "long", "capitals", "two names", "a name twice", "no space"],
)
def test_what_is_no_list_of_keys_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(VaultUnreadable) as refusal:
        keys_of(text, "the file")
    assert OLD[:-1] not in f"{refusal.value} {refusal.value.mend}"


def test_keys_do_not_show_when_a_ring_is_printed() -> None:
    assert repr(KeyRing({"old": bytes.fromhex(OLD)})) == "KeyRing(old)"


def test_keys_come_through_a_descriptor_and_it_is_closed() -> None:
    reader, writer = os.pipe()
    os.write(writer, f"old {OLD}\n".encode())
    os.close(writer)
    assert ring_from_descriptor(reader).newest == "old"
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(reader)
    with pytest.raises(VaultUnreadable, match=f"descriptor {reader}"):
        ring_from_descriptor(reader)


def test_a_key_that_was_added_to_the_file_is_found_without_a_new_start(tmp_path: Path) -> None:
    ring = ring_from_file(file_of(tmp_path, f"old {OLD}\n"))
    with pytest.raises(VaultUnreadable, match="the key-encryption key new is missing"):
        ring.wrap("new", [(CONTEXT, DATA_KEY)])
    file_of(tmp_path, f"old {OLD}\nnew {NEW}\n")
    (wrapped,) = ring.wrap("new", [(CONTEXT, DATA_KEY)])
    assert KeyRing({"new": bytes.fromhex(NEW)}).unwrap("new", [(CONTEXT, wrapped)]) == [DATA_KEY]


@pytest.mark.parametrize("number", [0, 2])
def test_there_has_to_be_one_source_of_keys(tmp_path: Path, number: int) -> None:
    file = file_of(tmp_path, f"old {OLD}\n") if number else None
    with pytest.raises(VaultUnreadable, match="one source"):
        key_encryption(file, None, "http://127.0.0.1:9" if number else None, None)
