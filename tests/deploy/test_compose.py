"""compose.yaml: valid, hardened, and speaking the language of the program."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from collector import __version__
from collector.config import SETTINGS, load_settings

ROOT = Path(__file__).parents[2]
FILE = ROOT / "compose.yaml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
SECRET_PLACE = "/run/secrets/"


def test_it_follows_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", FILE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_collector_starts_with_these_variables(tmp_path: Path) -> None:
    (tmp_path / "wideload.toml").write_text('[datasets.shop]\nsite_keys = ["Zk3vT0aXr8mQ1sLd"]\n')
    (tmp_path / "secret").write_text("a-secret-of-sixteen-or-more\n")
    variables = {name: str(tmp_path / "secret") if value.startswith(SECRET_PLACE) else value
                 for name, value in SERVICES["wideload"]["environment"].items()}  # fmt: skip

    settings = load_settings(variables | {"WIDELOAD_CONFIG": str(tmp_path / "wideload.toml")})

    assert settings.admin_token == "a-secret-of-sixteen-or-more"
    assert settings.process.private == ("0.0.0.0", 8081)


def test_the_collector_may_do_no_more_than_it_needs() -> None:
    collector = SERVICES["wideload"]

    assert collector["read_only"] and collector["cap_drop"] == ["ALL"]
    assert collector["security_opt"] == ["no-new-privileges:true"]


def test_nothing_but_the_public_surface_is_reached_from_elsewhere() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert [port for port in ports if not port.startswith("127.0.0.1:")] == ["8080:8080"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_pinned_restarted_and_looked_after(name: str) -> None:
    service = SERVICES[name]

    assert re.search(r":\d+\.\d+\.\d+[\d.]*$", service["image"])
    assert service["restart"] == "unless-stopped"
    assert "healthcheck" in service or name == "wideload"


def test_the_image_is_of_this_version() -> None:
    assert SERVICES["wideload"]["image"].endswith(f":{__version__}")


def test_every_secret_is_a_file_that_its_service_gets() -> None:
    for service in SERVICES.values():
        used = {value.removeprefix(SECRET_PLACE) for value in service["environment"].values() if value.startswith(SECRET_PLACE)}
        assert used <= set(service["secrets"]) <= COMPOSE["secrets"].keys()
    secret = {setting.variable for setting in SETTINGS if setting.secret}
    assert not {name for service in SERVICES.values() for name in service["environment"]} & (secret - {"WIDELOAD_STORE"})
    assert {one["file"] for one in COMPOSE["secrets"].values()} == {f"./secrets/{name}" for name in COMPOSE["secrets"]}


def test_every_folder_and_file_that_is_mounted_is_there() -> None:
    sources = [volume.split(":")[0] for service in SERVICES.values() for volume in service["volumes"]]

    own = {source for source in sources if source.startswith("./")} - {"./wideload.toml"}
    assert all((ROOT / source).exists() for source in own)
    assert {source for source in sources if not source.startswith("./")} == COMPOSE["volumes"].keys()


# --- Grafana -------------------------------------------------------------------------------------------------------


def test_grafana_finds_dashboards_and_data_where_they_are_mounted() -> None:
    places = {volume.split(":")[1] for volume in SERVICES["grafana"]["volumes"]}
    (source,) = yaml.safe_load((ROOT / "compose/grafana-datasource.yaml").read_text())["datasources"]
    (provider,) = yaml.safe_load((ROOT / "dashboards/grafana/provisioning/dashboards/wideload.yaml").read_text())["providers"]
    asked = {json.dumps(variable) for file in (ROOT / "dashboards/grafana").glob("*.json")
             for variable in json.loads(file.read_text())["templating"]["list"] if variable["type"] == "datasource"}  # fmt: skip

    assert provider["options"]["path"] in places
    assert source["jsonData"]["host"] in SERVICES
    assert source["secureJsonData"]["password"] == "$__file{/run/secrets/grafana-password}"
    assert source["type"] in SERVICES["grafana"]["environment"]["GF_PLUGINS_PREINSTALL_SYNC"]
    assert asked and all(source["type"] in variable for variable in asked)


def test_grafanas_user_is_the_one_of_the_docs_and_the_server_gets_a_hash(tmp_path: Path) -> None:
    script = (ROOT / "compose/grafana-user.sh").read_text().replace(SECRET_PLACE, f"{tmp_path}/")
    (tmp_path / "grafana-password").write_text("it's a password\n")
    client = tmp_path / "clickhouse"
    client.write_text('#!/bin/sh\nfor last; do :; done\nprintf %s "$last"\n')
    client.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CLICKHOUSE_USER": "wideload", "CLICKHOUSE_PASSWORD": "x"}

    said = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True, check=True).stdout

    def words(text: str) -> list[str]:
        return text.replace("IF NOT EXISTS ", "").split()

    (documented,) = re.findall(r"```sql\n(CREATE SETTINGS PROFILE.*?)```", (ROOT / "docs/grafana.md").read_text(), re.DOTALL)
    digest = hashlib.sha256(b"it's a password").hexdigest()
    assert words(said) == words(documented.replace("sha256_password BY 'a long password'", f"sha256_hash BY '{digest}'"))
