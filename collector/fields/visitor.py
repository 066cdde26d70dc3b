"""What the visitor did, and the errors that happened."""

from __future__ import annotations

from typing import Final

from collector.fields.model import OTEL, boolean, group, long_string, number, numbers, string, strings

_REPORTING: Final = "https://www.w3.org/TR/reporting-1/"

INTERACTION: Final = group(
    "Interaction",
    number("interaction.count", "Interactions until this snapshot: clicks, taps and keys.",
           source="https://www.w3.org/TR/event-timing/#sec-interaction-count"),
    number("click.count", "Clicks until this snapshot."),
    number("click.rage_count", "Times that the visitor clicked at one place again and again."),
    string("click.rage_target", "Where that happened first, as a short selector.", high=512, privacy="page"),
    number("click.dead_count", "Clicks that nothing followed."),
    string("click.dead_target", "Where that happened first, as a short selector.", high=512, privacy="page"),
    number("scroll.depth", "How far down the page the visitor has seen, from 0 to 1.", high=1),
    strings("visibility.state", "Whether the page was shown, change by change: visible or hidden.",
            source="https://html.spec.whatwg.org/multipage/interaction.html#page-visibility"),
    numbers("visibility.time", "When that began, since the view's start.", unit="ms",
            source="https://html.spec.whatwg.org/multipage/interaction.html#page-visibility"),
)  # fmt: skip

ERRORS: Final = group(
    "Errors",
    number("error.count", "Exceptions and unhandled rejections until this snapshot."),
    number("error.rejection_count", "The unhandled rejections among them."),
    number("error.resource_count", "Elements whose resource failed to load."),
    number("error.csp_count", "Violations of the Content Security Policy.", source="https://www.w3.org/TR/CSP3/#reporting"),
    number("error.report_count", "Reports of deprecated features and of interventions.", source=_REPORTING),
    number("error.extension_count", "Errors from a browser extension, which are not among the others."),
    string("error.source", "Of an error: exception, unhandled-rejection, resource, csp-violation, deprecation, intervention, "
           "crash, … or api, where the site reported it.", high=64),
    string("error.fingerprint", "The same for errors that look the same: what the sender says, else "
           "made of source, type, message and place.", high=64, holds="id"),
    string("exception.type", "The error's type, such as TypeError.", source=OTEL + "exception/"),
    long_string("exception.message", "The error's message.", high=1024, privacy="page", source=OTEL + "exception/"),
    long_string("exception.stacktrace", "The error's stack.", high=4096, privacy="page", source=OTEL + "exception/"),
    long_string("error.url", "The script, or the resource that failed, without query.", privacy="page", holds="address"),
    number("error.line", "The line in the script."),
    number("error.column", "The column in that line."),
    string("error.element", "The element whose resource failed, as a short selector.", high=512, privacy="page"),
    boolean("error.from_extension", "It comes from a browser extension."),
    number("error.occurrences", "How often it happened in the view until this snapshot."),
)  # fmt: skip
