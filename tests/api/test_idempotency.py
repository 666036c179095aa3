"""A client's own name for a request: what may be one, and that it is answered once."""

import httpx
import pytest

from app.api.problems import Problem
from tests.api.conftest import Api
from tests.api.fake import OPTICIAN, OTHER
from tests.api.test_bad_input import quoted, refused, untouched

NO_KEYS = ["", "a b", "a'b", "é", "x" * 256, '"a', "184127645108946", "253062a00112331", '"1952-07-31"']


@pytest.mark.parametrize("key", NO_KEYS)
def test_an_idempotency_key_is_one_word_and_nobodys_number_or_birth_date(api: Api, key: str) -> None:
    headers = {b"Idempotency-Key": key.encode(), b"Content-Type": b"application/json"}
    headers[b"Authorization"] = f"Bearer {OPTICIAN}".encode()
    answer = api.client.post("/v1/events", content=quoted(), headers=headers)

    assert answer.status_code == 422
    assert Problem.model_validate(answer.json()).where == "header idempotency-key"
    assert untouched(api)


def test_the_same_idempotency_key_gives_the_same_answer_for_the_same_bytes_only(api: Api) -> None:
    def post(body: bytes, key: str = OPTICIAN, name: str = "sale-117") -> httpx.Response:
        headers = {"Content-Type": "application/json", "Idempotency-Key": name}
        return api.send("POST", "/v1/events", key, content=body, headers=headers)

    first = post(quoted())

    assert post(quoted()).json() == first.json()
    assert post(quoted(), name='"sale-117"').json() == first.json(), "quoted, as the header's draft standard has it"
    assert len(api.gateway.recorded) == 1
    refused(post(quoted() + b" "), 409, "idempotency_conflict")
    assert post(quoted() + b" ", OTHER).status_code == 202
