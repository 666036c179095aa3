"""Every failure has one answer."""

import importlib
import pkgutil
from collections.abc import Iterator

import app
from app.api.errors import Fault, InvalidRequest
from app.api.problems import ANSWERS, MEDIA_TYPE, Problem, problem_of, problems, response_of
from app.errors import NotFound, OptiTraceError, StoreUnavailable


def every_error(base: type[OptiTraceError] = OptiTraceError) -> Iterator[type[OptiTraceError]]:
    for kind in base.__subclasses__():
        yield kind
        yield from every_error(kind)


def import_everything() -> None:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if ".migrations." not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def test_every_error_of_ours_has_an_answer_of_its_own() -> None:
    import_everything()

    assert set(every_error()) == ANSWERS.keys()


def test_no_two_errors_share_a_code() -> None:
    codes = [kind.code for kind in ANSWERS]

    assert len(set(codes)) == len(codes)


def test_every_answer_is_a_client_or_server_error_with_advice() -> None:
    for kind, answer in ANSWERS.items():
        assert 400 <= answer.status < 600, kind
        assert answer.title, kind
        assert answer.mend.endswith("."), kind


def test_a_problem_says_what_where_and_how_to_mend() -> None:
    found = problem_of(NotFound("nothing of this name concerns this party", "path item"), "0f" * 8)

    assert Problem.model_validate(found, strict=True).model_dump(exclude_none=True) == found
    assert found == {
        "type": "urn:optitrace:problem:not_found",
        "title": "No such thing",
        "status": 404,
        "detail": "nothing of this name concerns this party",
        "code": "not_found",
        "where": "path item",
        "mend": ANSWERS[NotFound].mend,
        "instance": "urn:optitrace:request:" + "0f" * 8,
    }


def test_several_faults_are_all_told_and_the_first_names_the_problem() -> None:
    faults = [Fault("/a", "unknown_field", "…", "…"), Fault("/b", "wrong_type", "…", "…")]
    found = problem_of(InvalidRequest(faults), "x")

    assert (found["code"], found["where"]) == ("unknown_field", "/a")
    assert [fault["where"] for fault in found["errors"]] == ["/a", "/b"]
    assert "errors" not in problem_of(InvalidRequest(faults[:1]), "x")


def test_an_answer_that_may_change_says_when_to_come_again() -> None:
    response = response_of(StoreUnavailable("the database does not answer"), "x")

    assert response.headers["retry-after"] == "5"
    assert response.headers["content-type"] == MEDIA_TYPE


def test_documented_answers_of_one_status_stand_together() -> None:
    told = problems(InvalidRequest, NotFound)

    assert list(told) == [404, 422, 429, 431, 500]
    assert all(entry["content"].keys() == {MEDIA_TYPE} for entry in told.values())
