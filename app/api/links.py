"""What of one answer leads to which next operation, as links of the OpenAPI document: for readers and for tests."""

from collections.abc import Mapping
from typing import Any, Final

_OF_AN_EVENT: Final = {
    "get_event": {"event": "events/0/id"},
    "get_item": {"item": "events/0/item"},
    "get_dossier": {"dossier": "events/0/dossier"},
}
_OF_AN_ITEM: Final = {"get_dossier": {"dossier": "dossier"}, "get_item_package": {"item": "item"}}
_OF_A_KEY: Final = {"rotate_key": {"key": "key/key"}, "delete_key": {"key": "key/key"}}

LINKS: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    "post_events": _OF_AN_EVENT,
    "list_items": {"get_item": {"item": "items/0/item"}, "list_items": {"cursor": "next"}},
    "list_dossiers": {"get_dossier": {"dossier": "dossiers/0/dossier"}, "list_dossiers": {"cursor": "next"}},
    "get_item": _OF_AN_ITEM,
    "get_dossier": {
        "get_item": {"item": "items/0/item"},
        "get_openings": {"dossier": "dossier"},
        "get_dossier_package": {"dossier": "dossier"},
    },
    "post_package": {"get_dossier": {"dossier": "dossier"}},
    "list_inbox": {"get_dossier": {"dossier": "entries/0/dossier"}, "list_inbox": {"cursor": "next"}},
    "list_verdict_changes": {
        "get_dossier": {"dossier": "changes/0/dossier"},
        "list_verdict_changes": {"cursor": "next"},
    },
    "list_parties": {"list_parties": {"cursor": "next"}},
    "list_audit_events": {"get_item": {"item": "events/0/item"}, "list_audit_events": {"cursor": "next"}},
    "list_access": {"list_access": {"cursor": "next"}},
    "list_keys": {"list_keys": {"cursor": "next"}},
    "post_key": _OF_A_KEY,
}
"""By the operation that answers: what may come next, and where in the answer each parameter of it stands."""


def add_links(document: Mapping[str, Any]) -> None:
    """Write the links into every successful answer of a document whose operations are called like their functions."""
    for methods in document["paths"].values():
        for operation in methods.values():
            leads = LINKS.get(operation["operationId"], {})
            for status, answer in operation["responses"].items():
                if leads and status.startswith("2"):
                    answer["links"] = {name: _link(name, parameters) for name, parameters in leads.items()}


def _link(operation: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    places = {name: f"$response.body#/{place}" for name, place in parameters.items()}
    return {"operationId": operation, "parameters": places}
