"""The docs as a site."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from release import site
from release.versions import ROOT


def pages(nav: list[dict[str, Any]]) -> list[str]:
    """Return the pages of the navigation."""
    return [page for one in nav for name in one.values() for page in ([name] if isinstance(name, str) else pages(name))]


def test_every_page_is_in_the_navigation() -> None:
    nav = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["nav"]

    assert sorted(pages(nav)) == sorted({*(path.name for path in (ROOT / "docs").glob("*.md")), *site.PAGES})


def test_it_is_built_without_a_link_that_leads_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    assert site.build() == 0, capfd.readouterr()
    html = (ROOT / "dist/site/index.html").read_text()

    assert not re.findall(r'(?:src|href)="https?://(?!github\.com)[^"]+\.(?:js|css|woff2?)"', html)


def test_links_lead_where_they_led(tmp_path: Path) -> None:
    site.prepare(tmp_path / "pages")
    read = {name: (tmp_path / "pages" / name).read_text() for name in ("index.md", "grafana.md", "kubernetes.md")}

    assert "](settings.md)" in read["index.md"] and "](screenshots/overview-light.webp)" in read["index.md"]
    assert "](https://github.com/wideload/wideload/tree/main/dashboards/grafana)" in read["grafana.md"]


def test_a_link_to_a_file_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (ROOT / "build").mkdir(exist_ok=True)
    broken = ROOT / "build" / "broken.md"
    broken.write_text("[x](nowhere.md)")
    monkeypatch.setitem(site.PAGES, "broken.md", "build/broken.md")

    with pytest.raises(ValueError, match=r"build/broken\.md links to build/nowhere\.md"):
        site.prepare(tmp_path / "pages")
    broken.unlink()
