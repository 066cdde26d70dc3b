"""Transaction checks of Pingdom, as `GET /tms/check/{id}` answers: steps with a function and arguments."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from collector.checks.importers.model import Draft, Imported, Step, Untranslatable
from collector.checks.importers.names import Names, escape, slug
from collector.checks.importers.pingdom import schedule, settings, tags
from collector.checks.importers.recording import Made, Recording, made, seconds, with_keys
from collector.checks.importers.targets import Target, pingdom_target

_MAX_SECONDS: Final = 300
Arguments = Mapping[str, Any]


def import_transactions(documents: list[dict[str, Any]], names: Names) -> Imported:
    """Return the journeys of the transaction checks of one file."""
    imported = Imported("Pingdom transaction checks")
    for document in documents:
        title = str(document.get("name") or "transaction")
        draft = Draft(f"{slug(title)}.check.yaml", title, {})
        imported.drafts.append(draft)
        _translate(document, Recording(draft, imported, names))
    return imported


def _translate(document: dict[str, Any], recording: Recording) -> None:
    draft = recording.draft
    if found := tags(document.get("tags")):
        draft.document["tags"] = found
    schedule(document.get("interval"), document.get("active") is False, draft)
    settings(document, draft)
    metadata = document.get("metadata") or {}
    if metadata.get("width") and metadata.get("height"):
        recording.browser("viewport", [int(metadata["width"]), int(metadata["height"])])
    for key in ("disableWebSecurity", "authentications"):
        if metadata.get(key):
            draft.note("setting", f"metadata.{key}", "It has no counterpart, and is left out.")
    if "steps" not in document:
        draft.refuse("steps", draft.title, "The list of checks has no steps: import what GET /tms/check/ID answers.")
    # HTTP authentication is set up before anything is opened.
    for number, step in enumerate(document.get("steps") or (), 1):
        function, arguments = str(step.get("fn")), step.get("args") or {}

        def translate(function: str = function, arguments: Arguments = arguments) -> Made:
            if function not in _FUNCTIONS:
                raise Untranslatable(f"Pingdom documents no step {function!r}.")
            return _FUNCTIONS[function](arguments, recording)

        recording.add(f"step {number}", f"{function} {_shown(arguments)}", translate)


def _go_to(arguments: Arguments, recording: Recording) -> Made:
    url = _needed(arguments, "url")
    note = "" if "://" in url else "The address had no scheme: it is asked for by https."
    return made({"open": recording.address(escape(url if "://" in url else f"https://{url}"))}, note=note)


def _fill(arguments: Arguments, recording: Recording) -> Made:
    target, value = _target(arguments, "input", True), str(arguments.get("value") or "")
    text, is_secret = recording.text_for(target, escape(value), value)
    note = f"What is typed is the secret {text[2:-1]}." if is_secret and text != escape(value) else ""
    return made(with_keys({"fill": target, "value": text}, secret=is_secret), note=note)


def _basic_auth(arguments: Arguments, recording: Recording) -> Made:
    recording.sign_in(escape(_needed(arguments, "username")), str(arguments.get("password") or ""))
    return made(note="The browser is set up so from the beginning.")


def _submit(arguments: Arguments, recording: Recording) -> Made:
    form = _needed(arguments, "form")
    target = f"form[name={json.dumps(form)}]" if form.replace("-", "").replace("_", "").isalnum() else form
    return made({"eval": "element.requestSubmit()", "target": target})


def _sleep(arguments: Arguments, recording: Recording) -> Made:
    try:
        return made({"wait": min(_MAX_SECONDS, float(_needed(arguments, "seconds")))})
    except ValueError:
        raise Untranslatable(f"It waits for {arguments.get('seconds')!r}, which is no number of seconds.") from None


def _radio(verb: str) -> Callable[[Arguments, Recording], Made]:
    return lambda arguments, _: made({verb: f"input[type=radio][name={json.dumps(escape(_needed(arguments, 'radio')))}]"})


def _select(arguments: Arguments, recording: Recording) -> Made:
    return made({"select": _target(arguments, "select", True), "value": escape(_needed(arguments, "option"))})


def _on(verb: str, argument: str, is_field: bool = False, **more: Any) -> Callable[[Arguments, Recording], Made]:
    return lambda arguments, _: made({verb: _target(arguments, argument, is_field), **more})


def _with_value(
    verb: str, argument: str, is_field: bool = False, key: str = "value", **more: Any
) -> Callable[[Arguments, Recording], Made]:
    def translate(arguments: Arguments, recording: Recording) -> Made:
        return made({verb: _target(arguments, argument, is_field), "value": escape(_needed(arguments, key)), **more})

    return translate


def _not_in_field(arguments: Arguments, recording: Recording) -> Made:
    value = json.dumps(_needed(arguments, "value"), ensure_ascii=False)
    return made({"expect_js": escape(f"!element.value.includes({value})"), "target": _target(arguments, "input", True)})


def _not_selected(arguments: Arguments, recording: Recording) -> Made:
    option = json.dumps(_needed(arguments, "option"), ensure_ascii=False)
    script = f"[...element.selectedOptions].every(o => o.label !== {option} && o.value !== {option})"
    return made({"expect_js": escape(script), "target": _target(arguments, "select", True)})


def _url(arguments: Arguments, recording: Recording) -> Made:
    return made({"expect_url": escape(_needed(arguments, "url")), "match": "exact"})


def _click_at(arguments: Arguments, recording: Recording) -> Made:
    scrolled = [float(arguments.get(key) or 0) for key in ("scrollX", "scrollY")]
    steps: list[Step] = [{"scroll": scrolled}] if any(scrolled) else []
    note = f"It was recorded at {arguments.get('x')}, {arguments.get('y')} of the window; it clicks the middle of the element."
    return made(*steps, {"click": _target(arguments, "element")}, note=note)


def _in_time(verb: str) -> Callable[[Arguments, Recording], Made]:
    def translate(arguments: Arguments, recording: Recording) -> Made:
        is_pattern = str(arguments.get("useRegularExpression")).lower() == "true"
        step: Step = {verb: _target(arguments, "element"), "value": escape(_needed(arguments, "value"))}
        if is_pattern:
            step["match"] = "regex"
        patience = float(arguments.get("waitTime") or 0)
        # Nothing waits for ten minutes: it is milliseconds.
        return made(with_keys(step, timeout=seconds(patience if patience > 600 else patience * 1000)))

    return translate


def _target(arguments: Arguments, name: str, is_field: bool = False) -> Target:
    found = pingdom_target(_needed(arguments, name), is_field)
    return escape(found) if isinstance(found, str) else [escape(one) for one in found]


def _needed(arguments: Arguments, name: str) -> str:
    if arguments.get(name) in (None, ""):
        raise Untranslatable(f"It says no {name}.")
    return str(arguments[name])


def _shown(arguments: Arguments) -> str:
    """Return what a step is about, without what is typed."""
    return next((str(value) for name, value in arguments.items() if name not in ("value", "password", "username")), "")


_FUNCTIONS: Final[Mapping[str, Callable[[Arguments, Recording], Made]]] = {
    "go_to": _go_to,
    "click": _on("click", "element"),
    "fill": _fill,
    "check": _on("check", "checkbox", True),
    "uncheck": _on("uncheck", "checkbox", True),
    "sleep": _sleep,
    "select_radio": _radio("check"),
    "select": _select,
    "basic_auth": _basic_auth,
    "submit": _submit,
    "wait_for_element": _on("wait_for", "element"),
    "wait_for_contains": _with_value("expect_text", "element"),
    "url": _url,
    "exists": _on("expect_present", "element"),
    "not_exists": _on("expect_absent", "element"),
    "contains": _with_value("expect_text", "element"),
    "not_contains": _with_value("expect_not_text", "element"),
    "field_contains": _with_value("expect_value", "input", True, match="contains"),
    "field_not_contains": _not_in_field,
    "is_checked": _on("expect_checked", "checkbox", True),
    "is_not_checked": _on("expect_checked", "checkbox", True, value=False),
    "radio_selected": _radio("expect_checked"),
    "dropdown_selected": _with_value("expect_selected", "select", True, key="option"),
    "dropdown_not_selected": _not_selected,
    "wpm_go_to": _go_to,
    "wpm_click": _on("click", "element"),
    "wpm_click_xy": _click_at,
    "wpm_fill": _fill,
    "wpm_move_mouse_to_element": _on("hover", "element"),
    "wpm_select_dropdown": _select,
    "wpm_wait": _sleep,
    "wpm_close_tab": lambda arguments, recording: made({"close": None}),
    "wpm_contains_timeout": _in_time("expect_text"),
    "wpm_not_contains_timeout": _in_time("expect_not_text"),
}
