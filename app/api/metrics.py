"""Counts for the monitor: requests by route template, the gateway's own measures. No identifier, no value."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


class _Measures(Collector):
    """The gateway's measures as gauges, read when the monitor asks."""

    def __init__(self, measures: Callable[[], Mapping[str, float]]) -> None:
        self._measures = measures

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Name nothing in advance: registering must not ask the gateway."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, value in sorted(self._measures().items()):
            yield GaugeMetricFamily(f"optitrace_{name}", name.replace("_", " "), value=value)


class Metrics:
    """The counts of one API, in a registry of its own."""

    def __init__(self, measures: Callable[[], Mapping[str, float]]) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "optitrace_http_requests",
            "requests answered",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "optitrace_http_request_seconds",
            "seconds from the head of a request to the end of its answer",
            ["route"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._registry.register(_Measures(measures))

    @staticmethod
    def method(given: str) -> str:
        """The method if it is a usual one, `other` if the client made it up."""
        return given if given in _METHODS else "other"

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note one answer."""
        self._requests.labels(self.method(method), route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All counts and measures in the monitor's text format."""
        return generate_latest(self._registry)
