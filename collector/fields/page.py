"""The page, where its visitor came from, and what the site says of itself."""

from __future__ import annotations

from typing import Final

from collector.fields.model import OTEL, boolean, group, long_string, ms, string

_CAMPAIGN: Final = "https://support.google.com/analytics/answer/10917952"

PAGE: Final = group(
    "Page",
    long_string("page.url", "The page's URL without query and fragment.", privacy="page", holds="address"),
    string("page.host", "The page's host, with its port if it has one.", high=253),
    string("page.path", "The page's path.", high=2048, privacy="page", holds="address"),
    string("page.route", "The path's template, such as /product/:id: what the sender says, else the shape of the path.", high=512),
    long_string("page.referrer", "The referring page's URL without query and fragment.", privacy="page", holds="address"),
    string("page.referrer_host", "The referring page's host.", high=253),
    boolean("page.hidden_at_start", "The page was opened in the background, so its paint timings say little."),
    ms("page.visible_time", "How long the page was visible until this snapshot."),
    ms("page.age", "How long after the navigation this snapshot was taken."),
    boolean("page.left_before_fcp", "The page was left before anything was painted."),
    boolean("page.left_before_lcp", "The page was left before the browser had told a largest element."),
    boolean("page.left_before_load", "The page was left before it was loaded."),
    long_string("session.id", "The visitor's session, where the site has switched it on.", high=64, privacy="person", holds="id",
                source=OTEL + "session/"),
    string("service.name", "The application that the page belongs to.", source=OTEL + "service/"),
    string("service.version", "The release of the application.", source=OTEL + "service/"),
    string("service.build", "The build of the application."),
    string("trace.trace_id", "The id of the trace that the page's request belongs to.", column="Nullable(String)", high=32,
           holds="id", source="https://www.w3.org/TR/trace-context/"),
    string("trace.parent_id", "The id of the server's span in that trace.", column="Nullable(String)", high=16,
           holds="id", source="https://www.w3.org/TR/trace-context/"),
    boolean("privacy.gpc", "The browser signals Global Privacy Control.", source="https://www.w3.org/TR/gpc/"),
    boolean("privacy.dnt", "The browser asks not to be tracked.", source="https://www.w3.org/TR/tracking-dnt/"),
)  # fmt: skip

CAMPAIGN: Final = group(
    "Campaign",
    string("campaign.source", "Where the visitor came from, as the link says (utm_source).", source=_CAMPAIGN),
    string("campaign.medium", "The kind of link, such as email (utm_medium).", source=_CAMPAIGN),
    string("campaign.name", "The campaign (utm_campaign).", source=_CAMPAIGN),
    string("campaign.term", "The paid search term (utm_term).", source=_CAMPAIGN),
    string("campaign.content", "Which of several links of a campaign it was (utm_content).", source=_CAMPAIGN),
    string("campaign.id", "The campaign's id (utm_id).", source=_CAMPAIGN),
)  # fmt: skip
