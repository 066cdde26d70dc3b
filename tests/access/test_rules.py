"""From what a provider says to roles."""

from __future__ import annotations

from typing import Any

import pytest

from collector.access.identity import EVERYTHING, Role
from collector.access.rules import grants_of, name_of
from collector.casts import oidc_rule, oidc_rules


@pytest.mark.parametrize(
    ("rule", "claims", "holds"),
    [
        ("groups = perf: viewer", {"groups": ["web", "perf"]}, True),
        ("groups = perf: viewer", {"groups": ["performance"]}, False),
        ("groups = perf: viewer", {"groups": "perf"}, True),
        ("groups = perf: viewer", {}, False),
        ("groups = perf: viewer", {"groups": None}, False),
        ("groups=urn:example:perf:viewer", {"groups": ["urn:example:perf"]}, True),
        ("admin = true: admin", {"admin": True}, True),
        ("realm_access.roles = perf: viewer", {"realm_access": {"roles": ["perf"]}}, True),
        ("realm_access.roles = perf: viewer", {"realm_access": ["perf"]}, False),
        ("https://x.example/roles = perf: viewer", {"https://x.example/roles": ["perf"]}, True),
        ("email = anna@example.com: viewer", {"email": "anna@example.com", "email_verified": True}, True),
        ("email = anna@example.com: viewer", {"email": "anna@example.com"}, False),
        ("email = anna@example.com: viewer", {"email": "anna@example.com", "email_verified": "true"}, False),
        ("email = *@example.com: viewer", {"email": "bob@Example.com", "email_verified": True}, True),
        ("email = *@example.com: viewer", {"email": "bob@evil.example.com", "email_verified": True}, False),
        ("email = *@example.com: viewer", {"email": "bob@example.com.evil.test", "email_verified": True}, False),
        ("name = *@example.com: viewer", {"name": "bob@example.com"}, False),
    ],
)
def test_a_rule_holds_for_exactly_its_value(rule: str, claims: dict[str, Any], holds: bool) -> None:
    assert bool(grants_of(claims, [oidc_rule(rule)])) is holds


def test_the_highest_role_on_a_dataset_counts() -> None:
    rules = map(oidc_rule, ("g = a: viewer", "g = a: editor on shop", "g = a: viewer on shop, blog", "g = b: admin"))

    grants = grants_of({"g": "a"}, rules)

    assert grants == {EVERYTHING: Role.VIEWER, "shop": Role.EDITOR, "blog": Role.VIEWER}


@pytest.mark.parametrize(
    "text", ["groups: viewer", "groups = perf", "groups = perf: owner", "= perf: viewer", "groups = perf: viewer on"]
)
def test_what_is_no_rule_is_named_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="which is not a rule such as `groups = web-team: viewer on shop, blog`"):
        oidc_rules([text])


def test_rules_come_as_a_list_or_with_semicolons() -> None:
    assert oidc_rules("a = b: viewer; c = d: admin;") == oidc_rules(["a = b: viewer", "c = d: admin"])


def test_somebody_is_called_by_what_people_know() -> None:
    assert name_of({"sub": "7", "email": "anna@example.com", "email_verified": True}) == "anna@example.com"
    assert name_of({"sub": "7", "email": "admin@example.com", "preferred_username": "anna"}) == "anna"
    assert name_of({"sub": "7", "email": ""}) == "7"
