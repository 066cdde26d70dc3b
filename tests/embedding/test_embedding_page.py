"""docs/embedding.md says what the script, the command line and the build say."""

from __future__ import annotations

import re

from proxy_recipes import PAGE, ROOT, blocks

from collector import tags
from collector.config import load_settings

SOURCE = (ROOT / "beacon_js" / "src" / "config.ts").read_text(encoding="utf-8")


def test_every_attribute_that_the_script_reads_is_described() -> None:
    read = set(re.findall(r"\bdata-[a-z]+(?:-[a-z]+)*", SOURCE))

    assert "data-key" in read
    assert read <= set(re.findall(r"^\| `(data-[a-z-]+)` \|", PAGE, re.MULTILINE))


def test_every_form_of_the_tag_is_described() -> None:
    (table,) = re.findall(r"^## Which tag\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)

    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE) == [form.name for form in tags.FORMS]


def test_the_loader_and_its_digest_are_those_of_the_build() -> None:
    settings = load_settings({}, {"public_url": "https://rum.shop.example"})
    snippet, stub = blocks("The loader", "html")

    assert snippet.strip() == tags.loader(settings, "shop-web-1")
    assert tags.loader_script().startswith(re.sub(r"</?script>", "", stub).strip())
    assert tags.loader_hash() in "".join(blocks("By digest", "http"))
