"""Requests as `/openapi.json` allows them, and as it does not, to both surfaces of a real collector: no 5xx, no undescribed answer.

`make fuzz` makes many more of them (WIDELOAD_TEST_FUZZ_EXAMPLES).
"""

from __future__ import annotations

import os

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from bench.running import Running
from collector.openapi import document

EXAMPLES = int(os.environ.get("WIDELOAD_TEST_FUZZ_EXAMPLES", "12"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: Wrong passwords by the hundred would keep other tests from signing in.
SCHEMA = schemathesis.openapi.from_dict(document(), config=SchemathesisConfig()).exclude(path="/login", method="POST")


@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES < 100, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_every_request_gets_a_described_answer(case: schemathesis.Case, live_collector: Running) -> None:
    case.call_and_validate(
        base_url=live_collector.url,
        headers={"authorization": f"Bearer {live_collector.token}"},
        checks=CHECKS,
        allow_redirects=False,
    )
