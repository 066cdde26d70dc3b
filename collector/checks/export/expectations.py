"""What a check expects, as statements of a Playwright test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from collector.checks.export.body import Body, NotExported, Step, Write, eventually, page_is, timeout

_COUNTED: Final = {"==": "==", ">=": ">=", "<=": "<=", ">": ">", "<": "<"}


def _expect(verb: str, method: str) -> Write:
    return lambda body, step: [f"expect({body.words.element(step, step[verb])}).{method}({timeout(step)[2:]})"]


def _none(verb: str) -> Write:
    seen = ".filter(visible=True)" if verb == "expect_hidden" else ""
    return lambda body, step: [f"expect({body.words.elements(step, step[verb])}{seen}).to_have_count(0{timeout(step)})"]


def _text(verb: str, has: str, contains: str, default: str = "contains") -> Write:
    def write(body: Body, step: Step) -> list[str]:
        how = step.get("match", default)
        shown = body.words.regex(step["value"]) if how == "regex" else body.words.text(step["value"])
        if how == "contains" and has == contains:
            shown = body.words.pattern(step["value"])
        method = contains if how == "contains" else has
        first = f"{json.dumps(step['attribute'])}, " if "attribute" in step else ""
        return [f"expect({body.words.element(step, step[verb])}).{method}({first}{shown}{timeout(step)})"]

    return write


def _checked(body: Body, step: Step) -> list[str]:
    return _expect("expect_checked", "to_be_checked" if step.get("value", True) else "not_to_be_checked")(body, step)


def _selected(body: Body, step: Step) -> list[str]:
    script = "e => [...e.selectedOptions].flatMap(o => [o.label, o.value])"
    chosen = f'{body.words.element(step, step["expect_selected"])}.evaluate("{script}")'
    return eventually(body, step, f"{body.words.text(step['value'])} in {chosen}")


def count_is(body: Body, step: Step) -> list[str]:
    """Write how many elements there must be."""
    elements, wanted = body.words.elements(step, step["expect_count"]), str(step["value"]).strip().removeprefix("==").strip()
    if wanted.isdigit():
        return [f"expect({elements}).to_have_count({wanted}{timeout(step)})"]
    return eventually(body, step, f"{elements}.count() {wanted}")


def _heard(kind: str, found: str) -> Write:
    """Return what looks at a list that is filled while the test runs."""

    def write(body: Body, step: Step) -> list[str]:
        body.words.helpers.add(kind)
        return eventually(body, step, found.replace("{}", body.words.text(step[f"expect_{kind.removesuffix('s')}"])))

    return write


def _asked(body: Body, step: Step) -> list[str]:
    body.words.helpers.add("responses")
    text = step["expect_request"]
    is_glob = "*" in text
    if is_glob:
        body.words.helpers.add("fnmatch")
    tests = [f"fnmatch({'one.url'}, {body.words.text(text)})" if is_glob else f"{body.words.text(text)} in one.url"]
    tests += [f"one.request.method == {json.dumps(step['method'].upper())}"] if "method" in step else []
    tests += [f"one.status == {step['status']}"] if "status" in step else []
    count = str(step.get("count", ">= 1")).strip()
    return eventually(body, step, f"sum({' and '.join(tests)} for one in responses) {'== ' + count if count.isdigit() else count}")


def _errors(body: Body, step: Step) -> list[str]:
    body.words.helpers.add("errors")
    if not step.get("ignore"):
        return ["assert errors == []"]
    patterns = ", ".join(body.words.text(one) for one in step["ignore"])
    return [f"assert [one for one in errors if not any(re.search(pattern, one) for pattern in ({patterns},))] == []"]


def _beacon(body: Body, step: Step) -> list[str]:
    raise NotExported("Only a check can ask the collector for what arrived.")


#: What writes the statements of a step, by its verb.
EXPECTATIONS: Final[Mapping[str, Write]] = {
    "expect_url": page_is("expect_url", "to_have_url"),
    "expect_title": page_is("expect_title", "to_have_title"),
    "expect_visible": _expect("expect_visible", "to_be_visible"),
    "expect_hidden": _none("expect_hidden"),
    "expect_present": _expect("expect_present", "to_be_attached"),
    "expect_absent": _none("expect_absent"),
    "expect_enabled": _expect("expect_enabled", "to_be_enabled"),
    "expect_disabled": _expect("expect_disabled", "to_be_disabled"),
    "expect_text": _text("expect_text", "to_have_text", "to_contain_text"),
    "expect_not_text": _text("expect_not_text", "not_to_have_text", "not_to_contain_text"),
    "expect_value": _text("expect_value", "to_have_value", "to_have_value", "exact"),
    "expect_attribute": _text("expect_attribute", "to_have_attribute", "to_have_attribute", "exact"),
    "expect_checked": _checked,
    "expect_selected": _selected,
    "expect_count": count_is,
    "expect_aria": lambda body, step: [
        f"expect({body.words.element(step, step['expect_aria'])}).to_match_aria_snapshot({body.words.text(step['value'])})"
    ],
    "expect_js": lambda body, step: eventually(body, step, body.words.script(step, step["expect_js"])),
    "expect_request": _asked,
    "expect_no_console_errors": _errors,
    "expect_dialog": _heard("dialogs", "any({} in one for one in dialogs[-1:])"),
    "expect_download": _heard("downloads", "any(fnmatch(one.suggested_filename, {}) for one in downloads)"),
    "expect_beacon": _beacon,
}
