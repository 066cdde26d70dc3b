"""The chart in every combination of two features: valid for Kubernetes, hardened, and speaking the program's language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator

import click
import helm_python
import kubernetes_validate
import pytest
import yaml

from collector.cli import main
from collector.config import PREFIX, SETTINGS, TOKEN_VARIABLE, load_settings
from helm.document import CHART, PAGES
from helm.document import values as documented
from tests.helm.charts import CHECK, DATASETS, SPLIT, Manifest, combinations, distinct, everywhere, merged, named, pods, render

EVERYTHING = dict(combinations())["split-everything"]
VARIABLES = {
    *(PREFIX + "CONFIG", TOKEN_VARIABLE, "HOME"),
    *(setting.variable for setting in SETTINGS),
    *(setting.file_variable for setting in SETTINGS if setting.secret),
}


def containers(manifests: Iterable[Manifest]) -> Iterator[tuple[Manifest, Manifest]]:
    """Yield every container with its pod."""
    for pod in pods(manifests):
        for container in pod["containers"]:
            yield pod, container


@pytest.mark.parametrize(
    ("version", "ending"), [("1.27", "-everything"), (kubernetes_validate.latest_version(), "")], ids=["oldest", "newest"]
)
def test_every_manifest_is_valid(version: str, ending: str) -> None:
    for manifest in distinct(ending):
        # These are not Kubernetes' own.
        if manifest["kind"] not in ("ServiceMonitor", "PrometheusRule"):
            kubernetes_validate.validate(manifest, version, strict=True)


def test_every_pod_is_as_the_restricted_standard_asks() -> None:
    for pod, container in containers(distinct()):
        assert pod["automountServiceAccountToken"] is pod["enableServiceLinks"] is False
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
        }  # fmt: skip
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys() and container["resources"]["limits"]["memory"]


def test_what_pods_name_is_there() -> None:
    for name, manifests in everywhere():
        there = {(one["kind"], one["metadata"]["name"]) for one in manifests} | {("Secret", "mine"), ("Secret", "logins")}
        for pod, container in containers(manifests):
            volumes = pod.get("volumes", [])
            wanted = {("ConfigMap", volume["configMap"]["name"]) for volume in volumes if "configMap" in volume}
            wanted |= {("Secret", volume["secret"]["secretName"]) for volume in volumes if "secret" in volume}
            assert wanted <= there, name
            assert {mount["name"] for mount in container["volumeMounts"]} <= {"data", *(volume["name"] for volume in volumes)}, name


def test_every_variable_and_flag_is_one_of_the_program() -> None:
    for pod, container in containers(distinct()):
        if "command" in container:
            continue
        names = {variable["name"] for variable in container["env"]}
        command: click.Command = main
        arguments = iter(container["args"])
        while isinstance(command, click.Group):
            command = command.commands[next(arguments)]
        flags = {option for parameter in command.params for option in parameter.opts}

        assert names <= VARIABLES
        assert {argument.partition("=")[0] for argument in arguments if argument.startswith("-")} <= flags
        files = {one["value"].rpartition("/")[2] for one in container["env"] if one["name"].endswith("_FILE")}
        assert not files or any("secret" in volume for volume in pod["volumes"])


@pytest.mark.parametrize("role", ["all", "ingest", "query"])
def test_the_program_starts_with_the_settings_of_its_pod(role: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("pod")
    settings = {"trusted_proxies": "10.0.0.0/8", "spool_share": 0.25, "max_events": 500, "oidc_rules": ["groups = web: viewer"]}
    manifests = render(**merged({} if role == "all" else SPLIT, {"settings": settings}))
    (container,) = [one for _, one in containers(manifests) if {"name": "WIDELOAD_ROLE", "value": role} in one.get("env", [])]
    environment = {one["name"]: one["value"] for one in container["env"]}
    (folder / "wideload.toml").write_text(named(manifests, "ConfigMap", "rum-wideload")["data"]["wideload.toml"])
    environment["WIDELOAD_CONFIG"] = str(folder / "wideload.toml")
    for name in [name for name in environment if name.endswith("_FILE")]:
        (folder / name).write_text(SPLIT["secrets"]["store"] if "STORE" in name else "a-secret-of-sixteen-or-more")
        environment[name] = str(folder / name)

    loaded = load_settings(environment, {"oidc_issuer": "https://login.example.com", "oidc_client_id": "x"})

    assert loaded.datasets["shop"].retention_days == 7
    assert loaded.limits.spool_share == 0.25
    assert loaded.trusted_proxies == ("10.0.0.0/8",)


def test_the_configuration_file_says_what_the_values_say() -> None:
    shop = DATASETS["shop"] | {"retiring_keys": {"old": "2027-01-31"}, "promote": ["plan"]}
    manifests = render(datasets={"shop": shop}, **{key: value for key, value in EVERYTHING.items() if key in ("ingress", "viewer")})
    file = tomllib.loads(named(manifests, "ConfigMap", "rum-wideload")["data"]["wideload.toml"])

    assert file["datasets"]["shop"]["retention_days"] == 7
    assert str(file["datasets"]["shop"]["retiring_keys"]["old"]) == "2027-01-31"
    assert (file["public_url"], file["private_url"]) == ("https://rum.example.com", "http://viewer.example.com")


# --- Who reaches what ----------------------------------------------------------------------------------------------


def test_the_public_ingress_leads_to_the_public_port_only() -> None:
    ports = {
        (port["name"], port["containerPort"]) for _, container in containers(distinct()) for port in container.get("ports", [])
    }
    ingresses = [one["spec"] for one in distinct() if one["kind"] == "Ingress" and one["metadata"]["name"] == "rum-wideload"]
    services = [one["spec"] for one in distinct() if one["kind"] == "Service" and one["metadata"]["name"] == "rum-wideload"]

    assert ports == {("public", 8080), ("private", 8081)}
    assert [service["ports"] for service in services] == [[{"name": "public", "port": 80, "targetPort": "public"}]] * len(services)
    for ingress in ingresses:
        (path,) = ingress["rules"][0]["http"]["paths"]
        assert path["backend"]["service"] == {"name": "rum-wideload", "port": {"name": "public"}}


def test_everybody_reaches_the_public_port_and_nobody_else_the_private_one() -> None:
    for one in render(**merged(SPLIT, {"checks": {"enabled": True, "files": CHECK}})):
        if one["kind"] == "NetworkPolicy":
            for rule in one["spec"].get("ingress", []):
                assert ("from" in rule) == (rule["ports"] == [{"port": "private"}])


def test_who_is_named_reaches_the_private_port() -> None:
    prometheus = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    policy = named(render(networkPolicy={"privateFrom": [prometheus]}), "NetworkPolicy", "rum-wideload-single")

    assert prometheus in policy["spec"]["ingress"][1]["from"]


# --- What keeps promises -------------------------------------------------------------------------------------------


def test_what_has_been_acknowledged_outlives_its_pod() -> None:
    ingest = named(render(**SPLIT), "StatefulSet", "rum-wideload-ingest")["spec"]

    assert ingest["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    assert ingest["volumeClaimTemplates"][0]["metadata"]["name"] == "data"


def test_a_pod_gets_longer_to_stop_than_it_serves_on() -> None:
    for pod, container in containers(distinct()):
        seconds = [float(one["value"]) for one in container.get("env", []) if one["name"] == "WIDELOAD_UNREADY_SECONDS"]
        assert all(pod["terminationGracePeriodSeconds"] >= value + 30 for value in seconds)


def test_the_number_of_pods_is_left_to_the_autoscaler() -> None:
    for features in ("split-autoscaling", "split-no-volume-autoscaling"):
        manifests = render(**dict(combinations())[features])
        (scaler,) = [one for one in manifests if one["kind"] == "HorizontalPodAutoscaler"]
        target = named(manifests, scaler["spec"]["scaleTargetRef"]["kind"], scaler["spec"]["scaleTargetRef"]["name"])
        assert "replicas" not in target["spec"]


def test_a_change_of_datasets_starts_no_new_pods_and_one_of_settings_does() -> None:
    def pod(**values: object) -> Manifest:
        return dict(named(render(**values), "StatefulSet", "rum-wideload-single")["spec"]["template"])

    assert pod() == pod(datasets=DATASETS | {"blog": DATASETS["shop"] | {"site_keys": ["other"]}})
    assert pod() != pod(settings={"max_events": 7})


# --- What it says --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"datasets": {}}, "There is no dataset"),
        ({"mode": "split"}, "needs a ClickHouse server"),
        ({"mode": "cluster"}, "mode"),
        ({"ingest": {"replica": 3}}, "replica"),
        ({"settings": {"admin_token": "no secrets in a ConfigMap"}}, "admin_token"),
        ({"datasets": {"shop": {"site_keys": ["a"], "retention": 7}}}, "retention"),
        ({"ingress": {"enabled": True}}, "An Ingress needs a host"),
        ({"checks": {"enabled": True}}, "There is no check"),
        ({"checks": {"enabled": True, "by": "agent", "files": CHECK}}, "An agent needs a token of its own"),
    ],
)
def test_what_is_wrong_with_values_is_said(values: Manifest, sentence: str) -> None:
    with pytest.raises(helm_python.HelmError, match=sentence):
        render(**values)


def test_helm_finds_nothing_to_mend() -> None:
    for values in ({}, SPLIT, EVERYTHING):
        found = helm_python.lint(CHART, values={"datasets": DATASETS, **values}, strict=True)
        assert [message for message in found["messages"] if message["severity"] > 1] == found["errors"] == []


@pytest.mark.parametrize("name", PAGES)
def test_what_the_chart_says_of_its_values_is_up_to_date(name: str) -> None:
    assert (CHART / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


def test_the_schema_knows_every_value_and_every_value_has_a_meaning() -> None:
    found = {path for path, _, meaning in documented((CHART / "values.yaml").read_text())}

    def paths(schema: Manifest, before: str = "") -> Iterator[str]:
        for name, below in schema.get("properties", {}).items():
            path = f"{before}{name}"
            yield path
            yield from paths(below, f"{path}.") if path not in ("datasets", "settings", "checks.token") else ()

    assert set(paths(yaml.safe_load((CHART / "values.schema.json").read_text()))) - {"global"} == found


def test_the_examples_of_the_readme_render() -> None:
    text = (CHART / "README.md").read_text()

    for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL):
        assert render(**merged(SPLIT, yaml.safe_load(block)))


def test_the_alert_rules_find_the_pods_that_are_scraped() -> None:
    manifests = render(serviceMonitor={"enabled": True}, prometheusRule={"enabled": True})
    (rule,), (monitor,) = ([one for one in manifests if one["kind"] == kind] for kind in ("PrometheusRule", "ServiceMonitor"))

    assert rule["spec"] == yaml.safe_load((CHART.parents[1] / "dashboards" / "prometheus" / "alerts.yaml").read_text())
    (relabeling,) = monitor["spec"]["endpoints"][0]["relabelings"]
    assert f'up{{job="{relabeling["replacement"]}"}}' in rule["spec"]["groups"][0]["rules"][0]["expr"]
