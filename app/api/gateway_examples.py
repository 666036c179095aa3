"""Example answers about the gateway itself, shown in the OpenAPI document."""

from typing import Final

from app.api.examples import Examples

STATUS: Final[Examples] = {
    "at_work": {
        "summary": "two events are on their way",
        "value": {
            "works": "Everything works.",
            "chain": {
                "reachable": True,
                "trusted": True,
                "detail": "the chain is the one pinned",
                "chain_id": 31337,
                "ledger": "0x" + "5f" * 20,
                "head": 128,
                "indexed_block": 128,
                "indexed_steps": 24,
            },
            "waiting": 2,
            "oldest_waiting": "2026-03-02T09:30:00Z",
        },
    }
}
_TABLE = {"name": "sample/1", "schema": "optics.lens/1", "label": "made up", "valid_from": None, "rows": 51}
MAPPING_TABLES: Final[Examples] = {
    "held": {
        "summary": "one table, which the council published",
        "value": {"tables": [{**_TABLE, "root": "0x" + "5f" * 32, "published": "yes"}]},
    }
}
HEALTH: Final[Examples] = {"serving": {"value": {"status": "serving"}}}
READY: Final[Examples] = {"ready": {"value": {"ready": True, "detail": "all of its work"}}}
METRICS: Final[Examples] = {
    "one_count": {
        "value": 'optitrace_http_requests_total{method="GET",route="/v1/status",status="200"} 7.0\n',
    }
}
