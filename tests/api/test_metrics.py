"""Counts are for whoever runs the gateway, and for none of the parties on it."""

import asyncio
from pathlib import Path

import httpx
import pytest

from app.api.app import create_app
from app.settings import UnsafeFile, token_from_file
from tests.api.fake import OPTICIAN, FakeGateway
from tests.api.serving import served

TOKEN = "a-monitors-token"


def answer(client_address: str, token: str | None, **headers: str) -> int:
    app = create_app(FakeGateway(), production=True, metrics_token=token)

    async def asked() -> int:
        transport = httpx.ASGITransport(app, client=(client_address, 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            return (await client.get("/metrics", headers=headers)).status_code

    return asyncio.run(asked())


def test_without_a_token_only_this_machine_is_told() -> None:
    assert [answer(address, None) for address in ("127.0.0.1", "::1")] == [200, 200]
    assert [answer(address, None) for address in ("192.0.2.1", "2001:db8::1", "")] == [401] * 3


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "x-forwarded-host"])
def test_what_a_proxy_forwarded_does_not_come_from_this_machine(header: str) -> None:
    assert answer("127.0.0.1", None, **{header: "127.0.0.1"}) == 401


def test_with_a_token_everybody_has_to_show_it() -> None:
    assert answer("192.0.2.1", TOKEN, Authorization=f"Bearer {TOKEN}") == 200
    for shown in (TOKEN, f"Bearer {TOKEN}x", f"Basic {TOKEN}", f"Bearer {OPTICIAN}"):
        assert answer("127.0.0.1", TOKEN, Authorization=shown) == 401
    assert answer("127.0.0.1", TOKEN) == 401


def test_a_real_connection_from_this_machine_is_told_and_a_partys_key_tells_nothing_more() -> None:
    with served(create_app(FakeGateway(), production=True, metrics_token=TOKEN)) as client:
        refused = client.get("/metrics", headers={"Authorization": f"Bearer {OPTICIAN}"})
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")
    with served(create_app(FakeGateway(), production=True)) as client:
        assert "optitrace_http_requests_total" in client.get("/metrics").text


@pytest.mark.parametrize("content", ["", "short", "with a space in the midst", "x" * 257, "sixteen-or-more\nbut two"])
def test_a_token_that_is_none_is_refused_and_not_repeated(tmp_path: Path, content: str) -> None:
    file = tmp_path / "token"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(UnsafeFile) as raised:
        token_from_file(file)
    assert not content or content not in str(raised.value)


def test_a_token_is_one_line_of_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    file.chmod(0o640)
    with pytest.raises(UnsafeFile, match="chmod 600"):
        token_from_file(file)
    file.chmod(0o600)
    assert token_from_file(file) == TOKEN
