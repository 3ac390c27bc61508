"""What the service counts, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from ..scan.judge import FileReport

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """One registry for each service, so that several can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter("buglab_requests", "Requests answered.", ["path", "status"], registry=self.registry)
        self.latency = Histogram(
            "buglab_request_seconds",
            "From a request's first byte to the last of its answer.",
            ["path"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.findings = Counter("buglab_findings", "Findings, suppressed ones included.", ["code"], registry=self.registry)
        self.files = Counter("buglab_files", "Files scanned.", registry=self.registry)
        self.lines = Counter("buglab_lines", "Physical lines scanned.", registry=self.registry)
        self.lost = Counter("buglab_workers_lost", "Processes that died or took too long.", registry=self.registry)
        self.admitted = Gauge("buglab_scans_admitted", "Scans under way or waiting.", registry=self.registry)
        self.waiting = Gauge("buglab_scans_waiting", "Scans that wait for a process.", registry=self.registry)

    def report(self, report: FileReport) -> None:
        """Count one file."""
        self.files.inc()
        self.lines.inc(report.lines)
        for finding in report.findings:
            self.findings.labels(finding.code).inc()

    def page(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self.registry)
