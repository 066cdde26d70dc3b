"""The setting `spool`: what an address may say, and the sentence for each mistake."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from collector.config import load_settings
from collector.config.kafka import parse_kafka
from collector.errors import SettingsError, SpoolError
from collector.pipeline.kafka import clients


def problem(spool: str, **more: str) -> str:
    with pytest.raises(SettingsError) as found:
        load_settings({"WIDELOAD_SPOOL": spool, **more})
    return str(found.value)


def test_an_address_names_brokers_and_a_topic() -> None:
    found = parse_kafka("kafka://a,b:9093,[::1]:9094/beacons?group=eu&partitions=6")

    assert found.brokers == ("a:9092", "b:9093", "[::1]:9094")
    assert (found.topic, found.group, found.partitions, found.is_tls) == ("beacons", "eu", 6, False)


def test_a_user_signs_in_over_tls_with_a_password_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("secret\n")
    found = parse_kafka(f"kafkas://a/t?sasl_username=me&sasl_password_file={file}&ca_certs={file}")
    config = clients.common(found, clients.Counters())

    assert config["security.protocol"] == "SASL_SSL"
    assert (config["sasl.mechanism"], config["sasl.username"], config["sasl.password"]) == ("SCRAM-SHA-512", "me", "secret")
    assert (config["ssl.ca.location"], config["enable.ssl.certificate.verification"]) == (str(file), True)
    assert "secret" not in repr(found)


def test_a_password_file_that_has_gone_is_said(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("secret")
    found = parse_kafka(f"kafkas://a/t?sasl_username=me&sasl_password_file={file}")
    file.unlink()

    with pytest.raises(SpoolError, match=r"password of Kafka in .* cannot be read"):
        clients.password(found)


def test_an_acknowledgement_is_one_of_all_replicas_and_a_commit_is_the_stores() -> None:
    settings = parse_kafka("kafka://a/t")

    assert clients.producing(settings) | {"acks": "all", "enable.idempotence": True} == clients.producing(settings)
    assert clients.reading(settings) | {"enable.auto.commit": False, "auto.offset.reset": "earliest"} == clients.reading(settings)


@pytest.mark.parametrize(
    ("spool", "sentence"),
    [
        pytest.param("tape", "must be `disk` or kafka://BROKER:9092", id="another-thing"),
        pytest.param("kafka://", "must be `disk` or kafka://", id="no-broker"),
        pytest.param("kafka://a:9092", "must name a topic", id="no-topic"),
        pytest.param("kafka://a/b/c", "must name a topic", id="path"),
        pytest.param("kafka://a:port/t", "'a:port' for a broker", id="port-no-number"),
        pytest.param("kafka://a:99999/t", "'a:99999' for a broker", id="port-too-large"),
        pytest.param("kafka://a,,b/t", "'' for a broker", id="empty-broker"),
        pytest.param("kafka://me:secret@a/t", "sasl_password_file", id="password-in-address"),
        pytest.param("kafka://a/t?grup=x", "did you mean group?", id="unknown-parameter"),
        pytest.param("kafka://a/t?partitions=0", "partitions, which must be a whole number from 1", id="no-partitions"),
        pytest.param("kafka://a/t?compression=rar", "one of lz4, zstd", id="compression"),
        pytest.param("kafka://a/t?sasl_username=me", "sasl_username, which needs sasl_password_file", id="no-password"),
        pytest.param("kafka://a/t?sasl_password_file=/nowhere", "names a file that does not exist", id="no-file"),
        pytest.param("kafka://a/t?verify=0", "begin with kafkas://", id="tls-without-tls"),
    ],
)
def test_a_mistake_in_the_address_is_named(spool: str, sentence: str) -> None:
    assert sentence in problem(spool)


def test_no_password_gets_into_a_message() -> None:
    assert "hunter2" not in problem("kafka://me:hunter2@a/t").replace("(it is", "(").split("(")[0]


def test_an_extra_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    assert "pip install 'wideload[kafka]'" in problem("kafka://a/t")


def test_events_must_fit_into_a_message() -> None:
    assert "max_inflated_bytes may be 900,000" in problem("kafka://a/t", WIDELOAD_MAX_INFLATED_BYTES="2 MiB")
