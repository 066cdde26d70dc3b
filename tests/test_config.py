"""Settings: where they come from, and the sentence for everything that can be wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from collector import casts, show
from collector.config import DATASET_KEYS, SETTINGS, Origin, Settings, load_settings
from collector.errors import SettingsError

TOKEN = "a-secret-of-sixteen-or-more"
DATASET = '[datasets.shop]\nsite_keys = ["k1"]\n'
WriteFile = Callable[[str], str]


@pytest.fixture
def write_file(tmp_path: Path) -> WriteFile:
    """Write a configuration file and return its path."""

    def write(text: str) -> str:
        path = tmp_path / "wideload.toml"
        path.write_text(text)
        return str(path)

    return write


def problems(environ: dict[str, str], flags: dict[str, Any] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(environ, flags)
    return caught.value.problems


# --- Where values come from ----------------------------------------------------------------------------------------


def test_without_anything_every_setting_has_its_default() -> None:
    settings = load_settings({})

    assert (settings.host, settings.port, settings.store) == ("127.0.0.1", 8080, "embedded")
    assert all(settings.origins[setting.name] == Origin("default") for setting in SETTINGS)


def test_without_a_configuration_file_there_is_one_dataset_for_any_origin() -> None:
    demo = load_settings({}).datasets["demo"]

    assert demo.site_keys == ("demo",)
    assert demo.allowed_origins == ("*",)


def test_the_file_wins_over_the_default(write_file: WriteFile) -> None:
    settings = load_settings({"WIDELOAD_CONFIG": write_file('listen = "127.0.0.1:1"\n' + DATASET)})

    assert settings.port == 1
    assert settings.origins["listen"] == Origin("file", "listen")
    assert settings.origins["config"] == Origin("environment", "WIDELOAD_CONFIG")


def test_the_environment_wins_over_the_file(write_file: WriteFile) -> None:
    config = write_file('listen = "127.0.0.1:1"\n' + DATASET)

    settings = load_settings({"WIDELOAD_CONFIG": config, "WIDELOAD_LISTEN": "127.0.0.1:2"})

    assert settings.port == 2
    assert settings.origins["listen"] == Origin("environment", "WIDELOAD_LISTEN")


def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n")

    settings = load_settings({"WIDELOAD_ADMIN_TOKEN_FILE": str(tmp_path / "token")})

    assert settings.admin_token == TOKEN
    assert settings.origins["admin_token"] == Origin("environment", "WIDELOAD_ADMIN_TOKEN_FILE")


def test_a_secret_in_two_places_or_in_a_file_that_is_not_there_gets_a_sentence(tmp_path: Path) -> None:
    missing = {"WIDELOAD_STORE_FILE": str(tmp_path / "none")}
    twice = missing | {"WIDELOAD_STORE": "embedded"}

    assert problems(missing) == [f"WIDELOAD_STORE_FILE: the file {tmp_path / 'none'} cannot be read: No such file or directory."]
    assert problems(twice) == ["WIDELOAD_STORE and WIDELOAD_STORE_FILE are both set: leave one of them out."]
    assert "WIDELOAD_LISTEN_FILE is not a setting" in problems({"WIDELOAD_LISTEN_FILE": "x"})[0]


def test_a_flag_wins_over_the_environment(write_file: WriteFile) -> None:
    flags = {"listen": "127.0.0.1:3", "config": write_file(DATASET), "store": None}

    settings = load_settings({"WIDELOAD_LISTEN": "127.0.0.1:2", "WIDELOAD_CONFIG": "/nowhere"}, flags)

    assert settings.port == 3
    assert settings.origins["listen"] == Origin("flag", "--listen")
    assert settings.origins["config"] == Origin("flag", "--config")


def test_a_dataset_has_rules_of_its_own_for_privacy(write_file: WriteFile) -> None:
    config = write_file(DATASET + 'allowed_query = ["page"]\ngpc = "drop"\n')

    shop = load_settings({"WIDELOAD_CONFIG": config}).datasets["shop"]

    assert (shop.allowed_query, shop.gpc, shop.dnt) == (("page",), "drop", "no_session")


def test_a_wrong_rule_for_privacy_is_named(write_file: WriteFile) -> None:
    config = write_file(DATASET + 'allowed_query = "page"\ngpc = ["off"]\n')

    assert problems({"WIDELOAD_CONFIG": config}) == [
        "[datasets.shop]: allowed_query must be a list of texts.",
        "[datasets.shop]: gpc must be one of no_session, drop, ignore (it is ['off']).",
    ]


def test_the_files_datasets_replace_the_demo_dataset(write_file: WriteFile) -> None:
    text = DATASET + 'allowed_origins = ["https://*.shop.example", "http://localhost:3000"]\nretention_days = 7\n'

    settings = load_settings({"WIDELOAD_CONFIG": write_file(text)})

    assert list(settings.datasets) == ["shop"]
    assert settings.datasets["shop"].allowed_origins == ("https://*.shop.example", "http://localhost:3000")
    assert settings.datasets["shop"].retention_days == 7


@pytest.mark.parametrize(
    ("variable", "value", "read", "expected"),
    [
        ("LISTEN", "[::1]:9", lambda s: (s.host, s.port), ("::1", 9)),
        ("MAX_BODY_BYTES", "1.5MiB", lambda s: s.ingest.max_body_bytes, 3 << 19),
        ("SPOOL_MAX_BYTES", "1024", lambda s: s.spool.max_bytes, 1024),
        ("LINGER_SECONDS", "0.5", lambda s: s.loader.linger_seconds, 0.5),
        ("TRUSTED_PROXIES", "10.0.0.0/8, ::1", lambda s: s.trusted_proxies, ("10.0.0.0/8", "::1")),
        ("SCRIPT_PATH", "/static/s.js", lambda s: s.script_path, "/static/s.js"),
        ("VIEWER_KEY", "demo", lambda s: s.viewer_key, "demo"),
        ("BEACON_PATH", "/static/s/", lambda s: s.beacon_path, "/static/s/"),
        ("PUBLIC_URL", "https://rum.example/", lambda s: s.public_url, "https://rum.example"),
        ("LOG_LEVEL", "DEBUG", lambda s: s.log_level, "debug"),
        (
            "FRAME_ANCESTORS",
            "https://a.example, https://*.b.example:8443",
            lambda s: s.sharing.frame_ancestors,
            ("https://a.example", "https://*.b.example:8443"),
        ),
    ],
)
def test_texts_become_typed_values(variable: str, value: str, read: Callable[[Settings], Any], expected: Any) -> None:
    settings = load_settings({"WIDELOAD_" + variable: value})

    assert read(settings) == expected


# --- One sentence a problem ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("LISTEN", "8080", "must be HOST:PORT, such as 127.0.0.1:8080 (it is '8080')."),
        ("LISTEN", "localhost:99999", "must be HOST:PORT, such as 127.0.0.1:8080 (it is 'localhost:99999')."),
        ("LISTEN", "localhost:²", "must be HOST:PORT, such as 127.0.0.1:8080 (it is 'localhost:²')."),
        ("DATA_DIR", "", "must not be empty (it is '')."),
        ("DATA_DIR", "~nobody-here/x", "begins with ~ and a name that is no user of this machine (it is '~nobody-here/x')."),
        ("STORE", "postgres://db/x", "must be `embedded` or clickhouse://user:password@host:9000/database."),
        ("STORE", "clickhouse://me:secret@db:port/x", "must be `embedded` or clickhouse://user:password@host:9000/database."),
        ("STORE", "clickhouse://[::1/x", "must be `embedded` or clickhouse://user:password@host:9000/database."),
        ("ADMIN_TOKEN", "short", "is too short to be a secret: use at least 16 characters, such as `openssl rand -hex 32` prints."),
        ("ADMIN_TOKEN", "sixteen letters é", "has characters that cannot travel in a header: use ASCII letters, digits and "
         "punctuation, no spaces."),
        ("PUBLIC_URL", "rum.example", "must be a URL such as https://rum.example.com (it is 'rum.example')."),
        ("PUBLIC_URL", "https://[", "must be a URL such as https://rum.example.com (it is 'https://[')."),
        ("COUNTRY_DATABASE", "/no/such.mmdb", "names a file that does not exist (it is '/no/such.mmdb')."),
        ("TRUSTED_PROXIES", "10.0.0.0/8, gateway", "has 'gateway', which is not an address or network such as 10.0.0.0/8 "
         "(it is '10.0.0.0/8, gateway')."),
        ("LOG_LEVEL", "loud", "must be debug, info, warning or error (it is 'loud')."),
        ("MAX_BODY_BYTES", "a lot", "must be a size such as 256KiB or 10GiB (it is 'a lot')."),
        ("SPOOL_MAX_BYTES", "0", "must be a size such as 256KiB or 10GiB (it is '0')."),
        ("MAX_EVENTS", "0", "must be a whole number of at least 1 (it is '0')."),
        ("MAX_EVENTS", "²", "must be a whole number of at least 1 (it is '²')."),
        ("BODY_TIMEOUT_SECONDS", "nan", "must be a number of seconds above 0 and up to 3600 (it is 'nan')."),
    ],
)  # fmt: skip
def test_a_bad_value_gets_a_sentence_and_no_secret_is_repeated(variable: str, value: str, sentence: str) -> None:
    assert problems({"WIDELOAD_" + variable: value}) == [f"WIDELOAD_{variable} {sentence}"]


@pytest.mark.parametrize("path", ["w.js", "/w", "/../w.js", "//w.js", "/w/.js", "/w?x.js", "/w%2f.js", "/w .js", ""])
def test_a_script_path_that_is_none_gets_a_sentence(path: str) -> None:
    rule = "must be a path such as /w.js: it begins with /, ends in .js, and has letters, digits, _, ~, - and . only"

    assert problems({"WIDELOAD_SCRIPT_PATH": path}) == [f"WIDELOAD_SCRIPT_PATH {rule} (it is {path!r})."]


@pytest.mark.parametrize("path", ["w/", "/w", "/", "//", "/w//", "/w/../", "/{key}/", "/é/", ""])
def test_a_beacon_path_that_is_none_gets_a_sentence(path: str) -> None:
    rule = "must be a path such as /w/: it begins and ends with /, and has letters, digits, _, ~, - and . only"

    assert problems({"WIDELOAD_BEACON_PATH": path}) == [f"WIDELOAD_BEACON_PATH {rule} (it is {path!r})."]


@pytest.mark.parametrize("origin", ["*", "https:", "http://a.example", "https://a.example/x", "https://a; script-src *", "'self'"])
def test_who_may_frame_is_said_by_origins_alone(origin: str) -> None:
    rule = f"has {origin!r}, which is not an origin such as https://intranet.example or https://*.corp.example"

    assert problems({"WIDELOAD_FRAME_ANCESTORS": origin}) == [f"WIDELOAD_FRAME_ANCESTORS {rule} (it is {origin!r})."]


@pytest.mark.parametrize("name", casts.RESERVED)
def test_a_path_of_pages_never_takes_a_name_of_the_collectors_own_routes(name: str) -> None:
    environ = {"WIDELOAD_SCRIPT_PATH": f"/{name}.js", "WIDELOAD_BEACON_PATH": f"/{name}/x/"}
    ending = f"begins with /{name}, which belongs to the collector's own routes: choose another name (it is "

    assert problems(environ) == [
        f"WIDELOAD_SCRIPT_PATH {ending}'/{name}.js').",
        f"WIDELOAD_BEACON_PATH {ending}'/{name}/x/').",
    ]


def test_a_viewer_key_that_is_no_site_key_is_refused() -> None:
    assert problems({"WIDELOAD_VIEWER_KEY": "demmo"}) == [
        "viewer_key must be a site key of a dataset, and 'demmo' is none: did you mean demo?"
    ]


def test_a_script_that_site_keys_would_hide_is_refused() -> None:
    environ = {"WIDELOAD_SCRIPT_PATH": "/s/w.js", "WIDELOAD_BEACON_PATH": "/s/"}

    assert problems(environ) == [
        "script_path (/s/w.js) lies below beacon_path (/s/), where site keys stand: give it a path of its own."
    ]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("listen = 8080", "listen must be a text (it is 8080)."),
        ("max_events = true", "max_events must be a whole number of at least 1 (it is True)."),
        ("max_body_bytes = true", "max_body_bytes must be a size such as 256KiB or 10GiB (it is True)."),
        ("linger_seconds = false", "linger_seconds must be a number of seconds above 0 and up to 3600 (it is False)."),
        ("trusted_proxies = [1]", "trusted_proxies has 1, which is not an address or network such as 10.0.0.0/8 (it is [1])."),
    ],
)
def test_a_value_of_the_wrong_type_in_the_file_gets_a_sentence(write_file: WriteFile, line: str, sentence: str) -> None:
    assert problems({"WIDELOAD_CONFIG": write_file(f"{line}\n{DATASET}")}) == [sentence]


def test_all_problems_are_told_at_once(write_file: WriteFile) -> None:
    found = problems({"WIDELOAD_CONFIG": write_file("max_events = 0\n"), "WIDELOAD_LISTEN": "x"}, {"log_level": "loud"})

    assert len(found) == 4
    assert found[1].startswith("--log-level must be")


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("WIDELOAD_DATADIR", "; did you mean WIDELOAD_DATA_DIR?"),
        ("WIDELOAD_XYZZY", "; `wideload serve --help` lists the settings."),
    ],
)
def test_an_unknown_variable_is_refused_with_a_suggestion(name: str, ending: str) -> None:
    assert problems({name: "x"}) == [f"{name} is not a setting{ending}"]


def test_variables_of_others_and_of_the_test_suite_are_left_alone() -> None:
    assert load_settings({"WIDELOADER": "x", "WIDELOAD_TEST_CLICKHOUSE": "x", "PATH": "x"}).port == 8080


def test_an_unknown_name_in_the_file_is_refused_with_a_suggestion(write_file: WriteFile) -> None:
    found = problems({"WIDELOAD_CONFIG": write_file('lisen = "x"\n' + DATASET)})

    assert found == ["'lisen' in the configuration file is not a setting; did you mean listen?"]


def test_a_missing_file_is_the_only_problem_told() -> None:
    assert problems({}, {"config": "/no/such.toml"}) == [
        "The configuration file /no/such.toml cannot be read: No such file or directory."
    ]


def test_a_file_that_is_not_toml_is_the_only_problem_told(write_file: WriteFile) -> None:
    (found,) = problems({}, {"config": write_file("listen = ")})

    assert "wideload.toml is not TOML: Invalid value" in found


# --- Who may reach it ----------------------------------------------------------------------------------------------


def test_beyond_loopback_a_token_and_a_configuration_file_are_needed() -> None:
    first, second = problems({"WIDELOAD_LISTEN": "0.0.0.0:8080"})

    assert "needs an admin token: set WIDELOAD_ADMIN_TOKEN" in first
    assert "needs a configuration file with your datasets: set WIDELOAD_CONFIG" in second


def test_beyond_loopback_it_starts_with_both(write_file: WriteFile) -> None:
    environ = {"WIDELOAD_LISTEN": "0.0.0.0:8080", "WIDELOAD_ADMIN_TOKEN": TOKEN}

    assert load_settings(environ, {"config": write_file(DATASET)}).host == "0.0.0.0"


def test_beyond_loopback_it_starts_with_an_admin_among_the_users(write_file: WriteFile, tmp_path: Path) -> None:
    environ = {"WIDELOAD_LISTEN": "0.0.0.0:8080", "WIDELOAD_DATA_DIR": str(tmp_path)}
    flags = {"config": write_file(DATASET)}

    assert load_settings(environ, flags, lambda folder: folder == tmp_path).host == "0.0.0.0"
    with pytest.raises(SettingsError, match="A user will do as well: `wideload users add NAME --role admin`"):
        load_settings(environ, flags)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "[::1]", "localhost"])
def test_loopback_needs_neither(host: str) -> None:
    assert load_settings({"WIDELOAD_LISTEN": f"{host}:8080"}).is_demo


def test_secrets_are_not_in_the_representation() -> None:
    settings = load_settings({"WIDELOAD_ADMIN_TOKEN": TOKEN, "WIDELOAD_STORE": "clickhouse://u:hush-hush@db/x"})

    assert TOKEN not in repr(settings)
    assert "hush-hush" not in repr(settings)


# --- Single sign-on ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"oidc_client_id": "x"}, "oidc_client_id is of no use without oidc_issuer"),
        ({"oidc_issuer": "https://x.example"}, "oidc_issuer needs oidc_client_id"),
        ({"oidc_issuer": "http://x.example", "oidc_client_id": "x"}, "oidc_issuer must begin with https://"),
        ({"oidc_scopes": "email"}, "must have openid among the scopes"),
        ({"oidc_rules": "groups"}, "has 'groups', which is not a rule such as"),
        (
            {"oidc_issuer": "https://x.example", "oidc_client_id": "x", "oidc_rules": ["a = b: admin on shpo"]},
            "oidc_rules has a rule for 'shpo', which is no dataset here; there are: demo.",
        ),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_half_a_provider_is_a_problem(settings: dict[str, str], problem: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(problem)):
        load_settings({}, settings)


def test_a_whole_provider_is_taken_and_its_secret_kept() -> None:
    environ = {
        "WIDELOAD_OIDC_ISSUER": "https://x.example/",
        "WIDELOAD_OIDC_CLIENT_ID": "x",
        "WIDELOAD_OIDC_CLIENT_SECRET": "hush-hush",
        "WIDELOAD_OIDC_RULES": "a = b: admin; c = d: viewer on demo",
    }
    settings = load_settings(environ)

    assert settings.oidc.oidc_issuer == "https://x.example"
    assert settings.oidc.oidc_rules == ("a = b: admin", "c = d: viewer on demo")
    assert "hush-hush" not in repr(settings) + show.as_text(settings)


# --- Datasets ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", 'The configuration file has no dataset: add [datasets.NAME] with site_keys = ["…"].'),
        ("datasets = 1", 'The configuration file has no dataset: add [datasets.NAME] with site_keys = ["…"].'),
        ("[datasets.Shop]", "[datasets.Shop]: a dataset's name has lower-case letters, digits, _ and - only."),
        ("[datasets]\nshop = 1", "[datasets.shop] must be a table."),
        ("[datasets.shop]\nsite_key = []", "[datasets.shop]: 'site_key' is not a setting of a dataset; did you mean site_keys?"),
        ("[datasets.shop]\nrate = 1", "[datasets.shop]: 'rate' is not a setting of a dataset; it may have "
         f"{', '.join(DATASET_KEYS)}."),
        ('[datasets.shop]\nsite_keys = "k"', "[datasets.shop]: site_keys must be a list of texts."),
        ('[datasets.shop]\nsite_keys = ["a b"]',
         "[datasets.shop]: the site key 'a b' may have letters, digits, _ and - only, up to 64."),
        ('[datasets.shop]\nallowed_origins = ["https://shop.example/"]',
         "[datasets.shop]: 'https://shop.example/' is not an origin such as https://shop.example; leave paths and slashes off."),
        ('[datasets.shop]\nallowed_origins = ["https://a.example:port"]',
         "[datasets.shop]: 'https://a.example:port' is not an origin such as https://shop.example; leave paths and slashes off."),
        ('[datasets.shop]\nallowed_origins = ["http://["]',
         "[datasets.shop]: 'http://[' is not an origin such as https://shop.example; leave paths and slashes off."),
        ("[datasets.shop]\nretention_days = 0",
         "[datasets.shop]: retention_days must be a whole number of days from 1 to 3650."),
        ("[datasets.shop]\nretention_days = true",
         "[datasets.shop]: retention_days must be a whole number of days from 1 to 3650."),
        ("[datasets.shop]\nretiring_keys = ['old']",
         "[datasets.shop]: retiring_keys must be a table of keys and dates, such as {Zk3vT0aXr8mQ1sLd = 2027-01-31}."),
        ("[datasets.shop]\nretiring_keys = {old = 3}",
         "[datasets.shop]: retiring_keys.old must be a date, such as 2027-01-31 or 2027-01-31T12:00:00Z (it is 3)."),
        ("[datasets.shop]\nsite_keys = ['old']\nretiring_keys = {old = 2027-01-31}",
         "[datasets.shop]: the site key 'old' stands in site_keys and in retiring_keys: take it out of one of them."),
        ("[datasets.shop]\nevents_per_second = 0",
         "[datasets.shop]: events_per_second must be a number a second from 0.1 to 1,000,000 (it is 0)."),
        ('[datasets.a]\nsite_keys = ["k"]\n[datasets.b]\nsite_keys = ["k"]',
         "The site key 'k' stands in datasets a and b: a key writes to one dataset."),
    ],
)  # fmt: skip
def test_a_bad_dataset_gets_a_sentence(write_file: WriteFile, text: str, sentence: str) -> None:
    assert problems({}, {"config": write_file(text)}) == [sentence]


def test_a_dataset_may_have_limits_of_its_own(write_file: WriteFile) -> None:
    config = write_file("key_beacons_per_second = 7\n[datasets.a]\n[datasets.b]\nkey_beacons_per_second = 9")
    datasets = load_settings({"WIDELOAD_EVENTS_PER_SECOND": "11"}, {"config": config}).datasets

    assert [(d.limits.key_beacons_per_second, d.limits.events_per_second) for d in datasets.values()] == [(7, 11), (9, 11)]
    assert load_settings({"WIDELOAD_EVENTS_PER_SECOND": "11"}).datasets["demo"].limits.events_per_second == 11


def test_a_key_ends_at_a_date_or_a_moment(write_file: WriteFile) -> None:
    config = write_file("[datasets.a]\nretiring_keys = {x = 2027-01-31, y = 2027-01-31T12:00:00+01:00, z = 2027-01-31T01:00:00}")
    ends = dict(load_settings({}, {"config": config}).datasets["a"].retiring_keys)

    assert [end - ends["x"] for end in ends.values()] == [0, 11 * 3600, 3600]
