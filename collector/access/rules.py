"""From what a provider says of somebody to what they may do here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from collector.access.identity import EVERYTHING, ROLES, Grants, Role
from collector.casts import OidcRule


def grants_of(claims: Mapping[str, Any], rules: Iterable[OidcRule]) -> Grants:
    """Return the roles that the rules give for these claims; the highest counts, and nothing where no rule holds."""
    grants: dict[str, Role] = {}
    for rule in rules:
        if _holds(rule, claims):
            for dataset in rule.datasets or (EVERYTHING,):
                grants[dataset] = max(grants.get(dataset, Role.VIEWER), ROLES[rule.role])
    return grants


def name_of(claims: Mapping[str, Any]) -> str:
    """Return what to call somebody: by an address only if it is theirs."""
    email = claims.get("email") if _has_own_address(claims) else None
    named = (email, *(claims.get(claim) for claim in ("preferred_username", "name", "sub")))
    return next(str(name)[:100] for name in named if name)


def _holds(rule: OidcRule, claims: Mapping[str, Any]) -> bool:
    if rule.claim == "email" and not _has_own_address(claims):
        return False
    found = _claim(claims, rule.claim)
    texts = [one if isinstance(one, str) else str(one).lower() for one in (found if isinstance(found, list) else [found])]
    if rule.claim == "email" and rule.value.startswith("*@"):
        return any(text.lower().endswith(rule.value[1:].lower()) for text in texts)
    return rule.value in texts


def _has_own_address(claims: Mapping[str, Any]) -> bool:
    """Whether the provider has verified the address. Anyone could have typed another."""
    return claims.get("email_verified") is True


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """Return a claim; `realm_access.roles` is one of this name, or the `roles` of the object `realm_access`."""
    if name in claims:
        return claims[name]
    outer, _, inner = name.partition(".")
    below = claims.get(outer)
    return _claim(below, inner) if inner and isinstance(below, Mapping) else None
