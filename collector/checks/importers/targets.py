"""Selectors of other products → selectors of check files, which are Playwright's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final

from collector.checks.importers.model import Untranslatable

#: A selector, or several of which the first that finds something counts.
Target = str | list[str]

_WORD: Final = re.compile(r"-?[A-Za-z_][\w-]*")
#: `aria/Add to cart[role="button"]`
_ATTRIBUTE: Final = re.compile(r"""\[\s*(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\s*\]""")
_TAGS: Final = frozenset({
    "a", "article", "aside", "body", "button", "footer", "form", "h1", "h2", "h3", "h4", "header", "html", "img", "input", "label",
    "main", "nav", "p", "section", "select", "table", "textarea",
})  # fmt: skip
#: jQuery's, which some products take in CSS.
_CONTAINS: Final = re.compile(r":contains\((\"[^\"]*\"|'[^']*'|[^()'\"]*)\)")
_QUOTES: Final = "\"'"
_EXACT: Final = "exact:"


def target(selectors: Iterable[str]) -> Target:
    """Return one selector, or the list of several different ones. Raises Untranslatable: there is none."""
    found = list(dict.fromkeys(selectors))
    if not found:
        raise Untranslatable("It says no element.")
    return found[0] if len(found) == 1 else found


# --- Chrome DevTools Recorder --------------------------------------------------------------------------------------


def recorder_target(alternatives: Any) -> Target:
    """Return the target of a step of the Recorder.

    Args:
        alternatives: each a selector, or a list of them in which each is looked for within the one before, or its shadow root.
    """
    if not isinstance(alternatives, list):
        raise Untranslatable("It says no element.")
    return target(_within(one) for one in alternatives)


def _within(alternative: Any) -> str:
    parts = [alternative] if isinstance(alternative, str) else alternative
    if not isinstance(parts, list) or not parts or not all(isinstance(part, str) and part for part in parts):
        raise Untranslatable(f"The selector {json.dumps(alternative)[:80]} cannot be read.")
    # Playwright's selectors enter open shadow roots by themselves.
    return " >> ".join(_recorder_selector(part) for part in parts)


def _recorder_selector(text: str) -> str:
    prefix, slash, rest = text.partition("/")
    if not slash or prefix not in ("aria", "text", "xpath", "pierce", "css"):
        return _css(text)
    if prefix == "aria":
        return _aria(rest)
    if prefix == "text":
        return f"text={rest}"
    return f"xpath={rest}" if prefix == "xpath" else _css(rest)


def _aria(text: str) -> str:
    attributes = {match[1]: _unescaped(match[2] if match[2] is not None else match[3]) for match in _ATTRIBUTE.finditer(text)}
    name = attributes.get("name") or _ATTRIBUTE.sub("", text).strip()
    role = attributes.get("role", "")
    if role:
        return f"role={role}[name={json.dumps(name, ensure_ascii=False)}]" if name else f"role={role}"
    if not name:
        raise Untranslatable(f"The selector aria/{text} has neither a name nor a role.")
    return f"name={name}"


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


# --- Ghost Inspector -----------------------------------------------------------------------------------------------


def ghost_target(value: Any) -> Target:
    """Return the target of a step of Ghost Inspector: CSS or XPath, or a list of `{"selector": …}`."""
    if isinstance(value, str):
        return target([ghost_selector(value)] if value.strip() else [])
    if not isinstance(value, list):
        raise Untranslatable("It says no element.")
    texts = [one.get("selector") if isinstance(one, dict) else one for one in value]
    return target(ghost_selector(text) for text in texts if isinstance(text, str) and text.strip())


def ghost_selector(text: str) -> str:
    """Return one selector of Ghost Inspector."""
    text = text.strip()
    if text.startswith(("//", "(//", "./", ".//", "xpath=")):
        return f"xpath={text.removeprefix('xpath=')}"
    return _css(text.removeprefix("css="))


# --- Selenium IDE --------------------------------------------------------------------------------------------------


def selenium_target(locators: Iterable[str]) -> Target:
    """Return the target of a command of Selenium IDE: its locator and the fallbacks."""
    return target(selenium_selector(locator) for locator in locators if locator.strip())


def selenium_selector(locator: str) -> str:
    """Return one locator. Raises Untranslatable: it is of no kind that Selenium IDE has."""
    if locator.startswith(("//", "(//")):
        return f"xpath={locator}"
    kind, _, rest = locator.partition("=")
    if kind == "id" and rest:
        return f"#{rest}" if _WORD.fullmatch(rest) else f"[id={_quoted(rest)}]"
    if kind == "name" and rest:
        return f"[name={_quoted(rest)}]"
    if kind == "css" and rest:
        return _css(rest)
    if kind == "xpath" and rest:
        return f"xpath={rest}"
    if kind in ("link", "linkText") and rest:
        return f"xpath=//a[normalize-space(.)={_xpath_text(rest.removeprefix(_EXACT).strip())}]"
    if kind == "partialLinkText" and rest:
        return f"a:has-text({_quoted(rest)})"
    if kind == "className" and rest:
        return f".{rest}"
    raise Untranslatable(f"The locator {locator[:80]!r} is of no kind that Selenium IDE has.")


# --- Pingdom -------------------------------------------------------------------------------------------------------


def pingdom_target(text: str, is_field: bool) -> Target:
    """Return the target of a step of Pingdom: a label, a name or a CSS selector, all in one text.

    Args:
        text: which of them it is, Pingdom finds out on the page; a text that can only be CSS becomes CSS.
        is_field: it is filled in or looked into; otherwise it is clicked, and a label is what stands on it.
    """
    text = text.strip()
    if not text:
        raise Untranslatable("It says no element.")
    if text.startswith(("//", "xpath=")):
        return f"xpath={text.removeprefix('xpath=')}"
    if text.startswith(("#", ".", "[", "*")) or re.search(r"[>\[\]#]|\w\.\w[\w-]*$|:\w+\(|::?[a-z-]+$", text):
        return _css(text)
    if text.lower() in _TAGS:
        return text
    labelled = f"label={text}" if is_field else f"text={json.dumps(text, ensure_ascii=False)}"
    named = f"[name={_quoted(text)}]"
    # A word in small letters looks like a name, and words like a label.
    return [named, labelled] if re.fullmatch(r"[a-z0-9_-]+", text) and is_field else [labelled, named]


def _css(text: str) -> str:
    text = _CONTAINS.sub(_has_text, text.strip())
    # Playwright takes a text that begins so for another kind of selector.
    return f"css={text}" if re.match(r"\.\.|//|[a-z-]+=|[\"']", text) else text


def _has_text(match: re.Match[str]) -> str:
    return f":has-text({_quoted(match[1].strip().strip(_QUOTES))})"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _xpath_text(text: str) -> str:
    if '"' not in text:
        return f'"{text}"'
    if "'" not in text:
        return f"'{text}'"
    # XPath has no escapes.
    return "concat(" + ", '\"', ".join(f'"{part}"' for part in text.split('"')) + ")"
