"""Signing in in a real Chromium: at a provider, and with a password."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from test_sso import provider_for

from bench.running import Running, collector, free_port
from collector.access.admin import opened
from collector.access.identity import Role

pytestmark = pytest.mark.browser

CHROMIUM = os.environ.get("WIDELOAD_TEST_CHROMIUM", "/usr/bin/chromium")
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def trusting() -> Iterator[Running]:
    """A running collector that trusts a running provider."""
    port = free_port()
    with pytest.MonkeyPatch.context() as patch, provider_for(f"http://127.0.0.1:{port}") as issuer:
        settings = {"ISSUER": issuer, "CLIENT_ID": "wideload", "CLIENT_SECRET": "a secret of the client",
                    "SCOPES": "openid email groups", "RULES": "groups = perf: viewer on demo"}  # fmt: skip
        for name, value in settings.items():
            patch.setenv(f"WIDELOAD_OIDC_{name}", value)
        with collector(port=port) as running:
            yield running


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a new browser; a problem with the Content Security Policy fails the test."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        yield page
        browser.close()
    assert not [text for text in said if "Security Policy" in text]


def test_somebody_signs_in_at_the_provider_and_out_again(trusting: Running, page: Page) -> None:
    page.goto(f"{trusting.url}/?view=page-views")
    page.get_by_role("link", name="Sign in with single sign-on").click()
    page.get_by_placeholder("Enter any login").fill("anna")
    page.get_by_placeholder("and password").fill("x")
    page.get_by_role("button").first.click()
    page.get_by_role("button", name="Continue").click()

    expect(page).to_have_url(f"{trusting.url}/?view=page-views")
    page.get_by_role("button", name="Account of anna@example.com").click()
    expect(page.get_by_text("viewer of demo")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("link", name="Sign in with single sign-on")).to_be_visible()


def test_a_user_signs_in_and_changes_the_password(trusting: Running, page: Page) -> None:
    with opened(trusting.data) as admin:
        admin.add_user("bob", PASSWORD, {"demo": Role.EDITOR})
    page.goto(f"{trusting.url}/")

    def sign_in(password: str) -> None:
        page.get_by_label("User").fill("bob")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in", exact=True).click()

    sign_in("wrong")
    expect(page.get_by_role("alert")).to_have_text("That name and password do not belong together.")
    sign_in(PASSWORD)
    page.get_by_role("button", name="Account of bob").click()
    page.get_by_role("button", name="Change the password").click()
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password").fill("another password")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_label("New password")).to_be_hidden()
    page.get_by_role("button", name="Account of bob").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    sign_in("another password")

    expect(page.get_by_role("button", name="Account of bob")).to_be_visible()
