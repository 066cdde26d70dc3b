"""What a synthetic check did: its runs, their steps, and the requests that a probe made.

A run's vitals, resources and viewport stand under the same names as a page view's.
"""

from __future__ import annotations

from typing import Final

from collector.fields.model import OTEL, boolean, group, long_string, ms, number, size, string

_ECS: Final = "https://www.elastic.co/docs/reference/ecs/"
_SPEED_INDEX: Final = "https://developer.mozilla.org/en-US/docs/Glossary/Speed_index"
_LONG_TASKS: Final = "https://w3c.github.io/longtasks/"

CHECKS: Final = group(
    "Checks",
    string("check.run_id", "The run: of its attempts, steps and probes, and of the page views that it caused. The collector has "
           "verified it, and takes it from whoever cannot sign it.", column="Nullable(String)", high=64, holds="id"),
    string("check.name", "The check's name: its file's path without the ending, or its `id`.", high=200, holds="name"),
    string("check.title", "What people call the check.", high=200, holds="name"),
    string("check.kind", "What sort of check it is: http, tcp, tls, dns, push, page or journey.", high=32),
    string("check.suite", "The suite that it belongs to.", high=200, holds="name"),
    string("check.tags", "The check's tags, with commas between.", high=1000, holds="name"),
    string("check.location", "Where it ran.", high=64, holds="name"),
    string("check.trigger", "Why it ran: schedule, manual, ci, recheck or push.", high=32),
    number("check.attempt", "Counts the attempts of the run, from 1.", whole=True),
    boolean("check.is_final", "This attempt decided the run: filter by it to count runs."),
    string("check.status", "How the attempt ended: pass, degraded, fail or no_data.", high=32),
    string("check.reason", "Why it did not pass, as a word: assertion, timeout, dns_error, tls_error, connection_error, "
           "http_error, redirect_error, refused_address, element, no_assertion, missed, late, browser_error, "
           "runner_error or config_error.",
           high=64),
    long_string("check.message", "The same as a sentence.", high=1024, privacy="page"),
    number("check.row", "The row of the check's data, from 1; absent for a check without data.", whole=True),
    boolean("check.is_flaky", "It passed after an attempt that had failed."),
    ms("check.duration", "How long the attempt took."),
    ms("check.delay", "How long after its slot the run began."),
    number("check.assertions", "Conditions that were looked at; without one, nothing was checked.", whole=True),
    number("check.failed_assertions", "Those that did not hold.", whole=True),
    number("check.healed_count", "Steps that found their element by another selector than the first.", whole=True),
    string("check.failed_step", "The name of the first step that failed.", high=200, holds="name"),
    number("check.samples", "Of a page: how many times it was loaded; the numbers are those of the median load.", whole=True),
    number("check.console_errors", "Errors in the browser's console.", whole=True),
    number("check.page_errors", "Exceptions that no page caught.", whole=True),
    number("check.failed_requests", "Requests that failed, or were answered with 4xx or 5xx.", whole=True),
    string("check.step.name", "Of a step (kind = check_step): its name, or what it does.", high=200, holds="name"),
    number("check.step.index", "Its place, from 0.", whole=True),
    string("check.step.action", "What it does: open, click, fill, expect_text, …", high=32),
    string("check.step.status", "How it ended: pass, degraded, fail or skipped.", high=32),
    ms("check.step.duration", "How long it took."),
    boolean("check.step.is_healed", "Its first selector found nothing, and another one did."),
    string("check.step.selector", "The selector that found its element.", high=512),
    string("check.step.screenshot", "The SHA-256 of the picture that was taken after it.", column="Nullable(String)", high=64,
           holds="id"),
)  # fmt: skip

PROBES: Final = group(
    "Probes",
    ms("probe.dns_duration", "Time to resolve the host's name."),
    ms("probe.connect_duration", "Time to connect."),
    ms("probe.tls_duration", "Time in the TLS handshake."),
    ms("probe.send_duration", "Time to send the request."),
    ms("probe.wait_duration", "Time from the request to the first byte of the answer."),
    ms("probe.receive_duration", "Time to receive the answer."),
    ms("probe.duration", "All of it."),
    long_string("url.full", "The address that was asked, without query and fragment.", privacy="page", holds="address",
                source=OTEL + "url/"),
    string("server.address", "The host that was asked.", high=253, source=OTEL + "server/"),
    number("server.port", "Its port.", high=65_535, whole=True, source=OTEL + "server/"),
    string("network.peer.address", "The address that was connected to.", high=64, source=OTEL + "network/"),
    string("network.protocol.version", "The version of HTTP.", high=16, source=OTEL + "network/"),
    string("http.request.method", "The request's method.", high=16, source=OTEL + "http/"),
    number("http.request.resend_count", "Counts the redirects before this request.", whole=True, source=OTEL + "http/"),
    number("http.response.status_code", "The status of the answer.", high=999, whole=True, source=OTEL + "http/"),
    size("http.response.body.size", "The bytes of the answer's body as they travelled.", source=OTEL + "http/"),
    string("tls.protocol.version", "The version of TLS.", high=16, source=OTEL + "tls/"),
    string("tls.cipher", "The cipher.", high=128, source=OTEL + "tls/"),
    number("cert.days_left", "Days until the certificate ends; negative once it has.", low=-100_000, high=100_000),
    string("cert.subject", "Whom the certificate is for.", high=256),
    string("cert.issuer", "Who issued it.", high=256),
    string("dns.question.name", "The name that was looked up.", high=253, source=OTEL + "dns/"),
    string("dns.question.type", "The type of record: A, AAAA, CNAME, MX, …", high=16, source=_ECS + "ecs-dns"),
    string("dns.response_code", "The DNS response code, such as NOERROR or NXDOMAIN.", high=32, source=_ECS + "ecs-dns"),
    string("dns.resolved", "What the name resolved to, sorted and separated by commas.", high=1024),
)  # fmt: skip

LAB: Final = group(
    "Visual progress",
    ms("speed_index.value", "Of a page check: the area above the curve of visual progress.", source=_SPEED_INDEX),
    ms("visual.first_change", "When the first pixels changed."),
    ms("visual.last_change", "When the last ones did."),
    ms("visual.complete_85", "When 85 % of the pixels looked as they do in the end."),
    ms("tbt.value", "Total Blocking Time: what tasks longer than 50 ms took beyond that, from the first contentful paint until the "
       "page was quiet.", source=_LONG_TASKS),
    ms("page.fully_loaded", "When the last request before two quiet seconds ended."),
)  # fmt: skip
