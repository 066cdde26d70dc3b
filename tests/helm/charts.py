"""Renders the chart as Helm does, and reads what has come of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import helm_python
import yaml

CHART = Path(__file__).parents[2] / "helm" / "wideload"
Manifest = dict[str, Any]

DATASETS = {"shop": {"site_keys": ["Zk3vT0aXr8mQ1sLd"], "allowed_origins": ["https://shop.example"], "retention_days": 7}}
STORE = {"store": "clickhouse://wideload:password@clickhouse:9000/wideload"}
CHECK = {"front.check.yaml": "kind: http\nurl: https://shop.example/\nexpect: [status == 200]\n"}
SPLIT = {"mode": "split", "secrets": STORE}

#: Each feature by itself, and all that go together.
FEATURES: dict[str, Manifest] = {
    "ingress": {"ingress": {"enabled": True, "host": "rum.example.com", "tlsSecret": "rum-tls", "className": "nginx"}},
    "viewer": {"viewer": {"ingress": {"enabled": True, "host": "viewer.example.com"}}},
    "no-network-policy": {"networkPolicy": {"enabled": False}},
    "service-monitor": {"serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}}},
    "alert-rules": {"prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}}},
    "checks": {"checks": {"enabled": True, "files": CHECK, "secrets": "logins", "allowPrivate": True}},
    "agent": {"checks": {"enabled": True, "by": "agent", "files": CHECK, "token": {"secret": "agent"}, "dataset": "shop"}},
    "existing-secret": {"secrets": {"existing": "mine", "more": ["oidc-client-secret"]}},
    "load-balancer": {"service": {"type": "LoadBalancer"}},
    "placement": {"nodeSelector": {"a": "b"}, "tolerations": [{"operator": "Exists"}], "priorityClassName": "high",
                  "affinity": {"podAntiAffinity": {}}, "image": {"pullSecrets": ["registry"], "digest": "sha256:" + 64 * "0"},
                  "podLabels": {"team": "web"}, "podAnnotations": {"note": "x"}, "serviceAccount": {"annotations": {"a": "b"}}},
}  # fmt: skip
SPLIT_FEATURES: dict[str, Manifest] = {
    "autoscaling": {"ingest": {"autoscaling": {"enabled": True}}},
    "no-volume": {"ingest": {"persistence": {"enabled": False}}},
    "no-volume-autoscaling": {"ingest": {"persistence": {"enabled": False}, "autoscaling": {"enabled": True}}},
    "no-migrations": {"migrations": {"enabled": False}},
    "workers": {
        "ingest": {"workers": 4, "topologySpread": [{"maxSkew": 1, "topologyKey": "rack", "whenUnsatisfiable": "DoNotSchedule"}]}
    },
}


@cache
def everywhere() -> tuple[tuple[str, list[Manifest]], ...]:
    """Return the manifests of every combination, by its name."""
    return tuple((name, render(**values)) for name, values in combinations())


@cache
def distinct(ending: str = "") -> tuple[Manifest, ...]:
    """Return every manifest that comes up in any combination whose name ends so, once."""
    chosen = [manifests for name, manifests in everywhere() if name.endswith(ending)]
    return tuple({json.dumps(one, sort_keys=True): one for manifests in chosen for one in manifests}.values())


def combinations() -> Iterator[tuple[str, Manifest]]:
    """Yield a name and values for each mode alone, with each feature and with all of them, and with each pair of features."""
    for mode, base, features in (("single", {}, FEATURES), ("split", SPLIT, FEATURES | SPLIT_FEATURES)):
        names = list(features)
        yield mode, base
        for index, first in enumerate(names):
            yield f"{mode}-{first}", merged(base, features[first])
            for second in names[index + 1 :]:
                yield f"{mode}-{first}-{second}", merged(base, features[first], features[second])
        yield f"{mode}-everything", merged(base, *features.values())


def merged(*parts: Manifest) -> Manifest:
    """Return values with later ones laid over earlier ones."""
    whole: Manifest = {}
    for part in parts:
        for name, value in part.items():
            whole[name] = merged(whole[name], value) if isinstance(value, dict) and isinstance(whole.get(name), dict) else value
    return whole


def render(**values: Any) -> list[Manifest]:
    """Return the manifests. Raises helm_python.HelmError."""
    return list(_rendered(json.dumps({"datasets": DATASETS, **values})))


@cache
def _rendered(values: str) -> tuple[Manifest, ...]:
    with helm_python.Chart.load(CHART) as chart:
        texts = chart.render(json.loads(values), name="rum", namespace="web")
    found = [one for name, text in texts.items() if not name.endswith("NOTES.txt") for one in yaml.safe_load_all(text)]
    return tuple(one for one in found if one)


def pods(manifests: Iterable[Manifest]) -> Iterator[Manifest]:
    """Yield the specification of every pod and of every pod that is to be."""
    for one in manifests:
        spec = one.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if one["kind"] == "Pod":
            yield spec
        elif "template" in spec:
            yield spec["template"]["spec"]


def named(manifests: list[Manifest], kind: str, name: str) -> Manifest:
    """Return one manifest."""
    (found,) = [one for one in manifests if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found
