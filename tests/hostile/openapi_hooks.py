"""
What the run of `test_openapi` adds to schemathesis, in the process of schemathesis.

No check is switched off. One kind of failure is dropped: a request that the document allows, and that is refused with
one of the codes below, each of which stands for a rule that JSON Schema has no words for. Who may see whose objects
(`object_level_authorization`) needs several users of schemathesis's own; `test_authorisation` tries all of that.
"""

# A hook is told everything, whether it looks at it or not.
# ruff: noqa: ARG001

from __future__ import annotations

import os
from collections import Counter
from typing import Any, Final

import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.generation.meta import CoveragePhaseData
from schemathesis.openapi.checks import RejectedPositiveData

BEYOND_THE_DOCUMENT: Final = frozenset(
    {
        "bad_cursor",  # a cursor is good for the list that gave it out
        "bad_encoding",  # NUL and half a surrogate pair, anywhere in the body
        "algorithm_refused",  # how a package is sealed
        "bad_number",  # 7.0 is a whole number to JSON Schema, and none to us
        "exchange_key_unknown",  # who has registered no keys gets nothing sealed
        "birth_date",  # a date where a name for something belongs
        "insured_number",  # has a key that must not fit
        "invalid_record",  # sums of digits, groups of the item's own schema, moments that are to come
        "not_sealed",
        "package_altered",
        "package_refused",  # signatures and openings
        "proof_rejected",
        "record_erased",  # by the run itself
        "seal_broken",
        "signer_unknown",
        "wrong_recipient",
    }
)
OWN_KEY, SHARE, SHARES = "OPENAPI_OWN_KEY", "OPENAPI_SHARE", "OPENAPI_SHARES"
_NO_KEY: Final = "00000000"
_seen: Counter[str] = Counter()

# A sealed package is text, as far as sending it goes.
schemathesis.serializer.alias("application/jose", "text/plain")


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """Keep every failure but the refusals above."""
    refused = isinstance(failure, RejectedPositiveData) and response.status_code in (400, 410, 422)
    return not (refused and response.json()["code"] in BEYOND_THE_DOCUMENT)


@schemathesis.hook
def filter_case(context: HookContext, case: Case[Any]) -> bool:
    """Keep this run's share of the cases that are counted out one by one; all shares together are all cases."""
    if case.meta is None or not isinstance(case.meta.phase.data, CoveragePhaseData):
        return True
    _seen[case.operation.label] += 1
    return _seen[case.operation.label] % int(os.environ[SHARES]) == int(os.environ[SHARE])


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Do not end or change the key that the run itself goes on with."""
    if case.path_parameters and case.path_parameters.get("key") == os.environ.get(OWN_KEY):
        case.path_parameters["key"] = _NO_KEY
