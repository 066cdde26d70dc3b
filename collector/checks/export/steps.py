"""Steps as statements of a Playwright test."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from collector.checks.conditions import Condition, ConditionError, parse
from collector.checks.export.words import Words
from collector.checks.files.shapes import NETWORKS
from collector.checks.files.steps import verb_of

Step = Mapping[str, Any]
_COUNTED: Final = {"==": "==", ">=": ">=", "<=": "<=", ">": ">", "<": "<"}


class NotExported(Exception):
    """A step has no counterpart in a test; the text says why."""


class Body:
    """Writes the statements of one test.

    Args:
        words: writes parts of them.
        site: what URLs without a host belong to.

    Attributes:
        lines: the statements, indented as in the function.
        left_out: what could not be exported, in sentences.
    """

    def __init__(self, words: Words, site: str = "") -> None:
        self.words = words
        # One with variables is known in the test only.
        self.site = site if "${" in site else ""
        self.lines: list[str] = []
        self.left_out: list[str] = []

    def steps(self, steps: Sequence[Step], indent: int = 1) -> None:
        """Write steps, those of modules in their places."""
        for step in steps:
            self._step(step, indent)

    def _step(self, step: Step, indent: int) -> None:
        verb = verb_of(step)
        if name := step.get("name"):
            self._add(indent, f"# {' '.join(str(name).split())}")
        if "page" in step:
            self.words.helpers.add("turn_to")
            which = step["page"]
            self._add(indent, f"page = turn_to(page, {which if isinstance(which, int) else self.words.text(which)})")
        if "if" in step:
            self._add(indent, f"if {self.words.script({**step, 'target': None}, step['if'])}:")
            indent += 1
        if step.get("optional"):
            self._add(indent, "with contextlib.suppress(AssertionError, Error):")
            indent += 1
        elif step.get("soft"):
            self.words.helpers.add("soft")
            self._add(indent, "with soft():")
            indent += 1
        if verb == "use":
            for key, value in step.get("with", {}).items():
                text = str(value).lower() if isinstance(value, bool) else str(value)
                self._add(indent, f"{self.words.name(key)} = {self.words.text(text)}")
            self.steps([{**({"frame": step["frame"]} if "frame" in step else {}), **one} for one in step["steps"]], indent)
            return
        try:
            statements = _VERBS[verb](self, step)
        except (KeyError, NotExported) as error:
            reason = str(error) if isinstance(error, NotExported) else f"There is no way to say {verb} in a test."
            self.left_out.append(f"{name or verb}: {reason}")
            statements = [f"pytest.fail({self.words.text(f'Not exported: {verb}. {reason}')})"]
        for statement in statements:
            self._add(indent, statement)

    def _add(self, indent: int, statement: str) -> None:
        self.lines.append("    " * indent + statement)

    def condition(self, text: str, response: str) -> str:
        """Return an assertion about the answer of a request."""
        try:
            condition = parse(text)
        except ConditionError as error:
            raise NotExported(str(error)) from None
        found = _found(condition, response)
        value = "None" if condition.value is None else _python(condition.value, self.words)
        if condition.operator == "exists":
            return f"assert {found} is not None"
        if condition.operator == "missing":
            raise NotExported(f"{text!r} has no counterpart.")
        if condition.operator == "contains":
            return f"assert {value} in {found}"
        if condition.operator == "matches":
            return f"assert re.search({value}, {found})"
        return f"assert {found} {condition.operator} {value}"


def _python(value: Any, words: Words) -> str:
    return words.text(value) if isinstance(value, str) else repr(value)


def _found(condition: Condition, response: str) -> str:
    path = condition.path
    if path == "status":
        return f"{response}.status"
    if path == "body":
        return f"{response}.text()"
    if path == "url":
        return f"{response}.url"
    if path.startswith("header."):
        return f"{response}.headers.get({json.dumps(path.removeprefix('header.'))})"
    if path == "json" or path.startswith(("json.", "json[")):
        return _json(path, response)
    raise NotExported(f"{condition.text!r} looks at {path}, which only a check knows.")


def _json(path: str, response: str) -> str:
    found = f"{response}.json()"
    for part in path.removeprefix("json").replace("[", ".[").split("."):
        if part.startswith("["):
            found += part
        elif part:
            found += f"[{json.dumps(part)}]"
    return found


def _timeout(step: Step, name: str = "timeout") -> str:
    return f", {name}={round(step['timeout'] * 1000)}" if "timeout" in step else ""


def _open(body: Body, step: Step) -> list[str]:
    until = f', wait_until="{step["until"]}"' if step.get("until", "load") != "load" else ""
    url = body.words.text(step["open"])
    if body.site and not step["open"].startswith(("http:", "https:", "${")):
        url = f"urljoin({body.words.text(body.site)}, {url})"
    return [f"page.goto({url}{until}{_timeout(step)})"]


def _pointer(verb: str) -> Callable[[Body, Step], list[str]]:
    def write(body: Body, step: Step) -> list[str]:
        given = []
        if "at" in step:
            given.append(f'position={{"x": {step["at"][0]}, "y": {step["at"][1]}}}')
        if step.get("button", "left") != "left":
            given.append(f"button={json.dumps(step['button'])}")
        if step.get("modifiers"):
            given.append(f"modifiers={json.dumps(step['modifiers'])}")
        if step.get("force"):
            given.append("force=True")
        if "timeout" in step:
            given.append(_timeout(step)[2:])
        return [f"{body.words.element(step, step[verb])}.{verb}({', '.join(given)})"]

    return write


def _mouse(verb: str) -> Callable[[Body, Step], list[str]]:
    return lambda body, step: [f"{body.words.element(step, step[verb])}.hover()", f"page.mouse.{verb.removeprefix('mouse_')}()"]


def _scroll(body: Body, step: Step) -> list[str]:
    where = step["scroll"]
    if isinstance(where, list) and not isinstance(where[0], str):
        return [body.words.script(step, f"scrollTo({where[0]}, {where[1]})")]
    return [f"{body.words.element(step, where)}.scroll_into_view_if_needed()"]


def _press(body: Body, step: Step) -> list[str]:
    key = body.words.text(step["press"])
    return [f"{body.words.element(step, step['target'])}.press({key})" if "target" in step else f"page.keyboard.press({key})"]


def _field(verb: str, method: str) -> Callable[[Body, Step], list[str]]:
    return lambda body, step: [f"{body.words.element(step, step[verb])}.{method}({body.words.text(step['value'])}{_timeout(step)})"]


def _set(body: Body, step: Step) -> list[str]:
    body.words.helpers.add("set_value")
    value = step["value"]
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return [f"set_value({body.words.element(step, step['set'])}, {body.words.text(text)})"]


def _select(body: Body, step: Step) -> list[str]:
    by, values = step.get("by", "any"), [step["value"]] if isinstance(step["value"], str) else step["value"]
    shown = ", ".join(str(int(one)) if by == "index" else body.words.text(one) for one in values)
    shown = shown if len(values) == 1 else f"[{shown}]"
    return [f"{body.words.element(step, step['select'])}.select_option({'' if by == 'any' else f'{by}='}{shown})"]


def _upload(body: Body, step: Step) -> list[str]:
    files = ", ".join(f"Path(__file__).parent / {body.words.text(one)}" for one in step["files"])
    return [f"{body.words.element(step, step['upload'])}.set_input_files([{files}])"]


def _dialog(body: Body, step: Step) -> list[str]:
    body.words.helpers.add("dialogs")
    return [f"answers.append(({json.dumps(step['dialog'])}, {body.words.text(step.get('value', ''))}))"]


def _network(body: Body, step: Step) -> list[str]:
    asked = step["network"]
    if asked in ("offline", "none"):
        return [f"page.context.set_offline({asked == 'offline'})"]
    down, up, latency = NETWORKS[asked] if isinstance(asked, str) else (asked["download"], asked["upload"], asked["latency"])
    # Kilobits a second become bytes a second.
    numbers = f'"downloadThroughput": {round(down * 125)}, "uploadThroughput": {round(up * 125)}, "latency": {latency}'
    command = f'"Network.emulateNetworkConditions", {{"offline": False, {numbers}}}'
    return [f"page.context.new_cdp_session(page).send({command})"]


def _wait_for(body: Body, step: Step) -> list[str]:
    if "count" in step:
        return _count(body, {**step, "expect_count": step["wait_for"], "value": step["count"]})
    return [
        f"{body.words.element(step, step['wait_for'])}.wait_for(state={json.dumps(step.get('state', 'visible'))}{_timeout(step)})"
    ]


def _eventually(body: Body, step: Step, look: str) -> list[str]:
    body.words.helpers.add("eventually")
    return [f"eventually(page, lambda: {look}{_timeout(step)})"]


def _eval(body: Body, step: Step) -> list[str]:
    call = body.words.script(step, step["eval"])
    if "into" not in step:
        return [call]
    body.words.helpers.add("as_text")
    return [f"{body.words.name(step['into'])} = as_text({call})"]


def _extract(body: Body, step: Step) -> list[str]:
    element, attribute = body.words.element(step, step["extract"]), step.get("attribute")
    read = (
        "inner_text().strip()"
        if not attribute
        else "input_value()"
        if attribute == "value"
        else f"get_attribute({json.dumps(attribute)})"
    )
    return [f"{body.words.name(step['into'])} = {element}.{read}"]


def _request(body: Body, step: Step) -> list[str]:
    given = [body.words.text(step["request"])]
    if step.get("method", "GET") != "GET":
        given.append(f"method={json.dumps(step['method'])}")
    if step.get("headers"):
        given.append(
            "headers={" + ", ".join(f"{json.dumps(key)}: {body.words.text(one)}" for key, one in step["headers"].items()) + "}"
        )
    if step.get("body"):
        given.append(f"data={body.words.text(step['body'])}")
    lines = [f"response = page.request.fetch({', '.join(given)})"]
    lines += [body.condition(text, "response") for text in step.get("expect", ())]
    for name, path in step.get("save", {}).items():
        body.words.helpers.add("as_text")
        lines.append(f"{body.words.name(name)} = as_text({_found(parse(f'{path} exists'), 'response')})")
    return lines


def _screenshot(body: Body, step: Step) -> list[str]:
    name = body.words.text(f"{step['screenshot'] or step.get('name') or 'screenshot'}.png")
    taken = f"{body.words.element(step, step['target'])}.screenshot" if "target" in step else "page.screenshot"
    full = ", full_page=True" if step.get("full_page") and "target" not in step else ""
    lines = [f"{taken}(path={name}{full})"]
    return [*lines, "# The check compares the picture with the accepted one."] if step.get("compare") else lines


def _exit(body: Body, step: Step) -> list[str]:
    return (
        ["return"]
        if step["exit"] == "pass"
        else [f"pytest.fail({body.words.text(step.get('message') or 'The journey ends here.')})"]
    )


def _page(verb: str, method: str, default: str = "contains") -> Callable[[Body, Step], list[str]]:
    def write(body: Body, step: Step) -> list[str]:
        value, how = step[verb], step.get("match", default)
        shown = body.words.text(value) if how == "exact" else (body.words.regex if how == "regex" else body.words.pattern)(value)
        return [f"expect(page).{method}({shown}{_timeout(step)})"]

    return write


def _expect(verb: str, method: str) -> Callable[[Body, Step], list[str]]:
    return lambda body, step: [f"expect({body.words.element(step, step[verb])}).{method}({_timeout(step)[2:]})"]


def _none(verb: str) -> Callable[[Body, Step], list[str]]:
    seen = ".filter(visible=True)" if verb == "expect_hidden" else ""
    return lambda body, step: [f"expect({body.words.elements(step, step[verb])}{seen}).to_have_count(0{_timeout(step)})"]


def _text(verb: str, has: str, contains: str, default: str = "contains") -> Callable[[Body, Step], list[str]]:
    def write(body: Body, step: Step) -> list[str]:
        how = step.get("match", default)
        shown = body.words.regex(step["value"]) if how == "regex" else body.words.text(step["value"])
        if how == "contains" and has == contains:
            shown = body.words.pattern(step["value"])
        method = contains if how == "contains" else has
        first = f"{json.dumps(step['attribute'])}, " if "attribute" in step else ""
        return [f"expect({body.words.element(step, step[verb])}).{method}({first}{shown}{_timeout(step)})"]

    return write


def _checked(body: Body, step: Step) -> list[str]:
    return _expect("expect_checked", "to_be_checked" if step.get("value", True) else "not_to_be_checked")(body, step)


def _selected(body: Body, step: Step) -> list[str]:
    script = "e => [...e.selectedOptions].flatMap(o => [o.label, o.value])"
    chosen = f'{body.words.element(step, step["expect_selected"])}.evaluate("{script}")'
    return _eventually(body, step, f"{body.words.text(step['value'])} in {chosen}")


def _count(body: Body, step: Step) -> list[str]:
    elements, wanted = body.words.elements(step, step["expect_count"]), str(step["value"]).strip().removeprefix("==").strip()
    if wanted.isdigit():
        return [f"expect({elements}).to_have_count({wanted}{_timeout(step)})"]
    return _eventually(body, step, f"{elements}.count() {wanted}")


def _heard(kind: str, found: str) -> Callable[[Body, Step], list[str]]:
    """Return what looks at a list that is filled while the test runs."""

    def write(body: Body, step: Step) -> list[str]:
        body.words.helpers.add(kind)
        return _eventually(body, step, found.replace("{}", body.words.text(step[f"expect_{kind.removesuffix('s')}"])))

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
    return _eventually(body, step, f"sum({' and '.join(tests)} for one in responses) {'== ' + count if count.isdigit() else count}")


def _errors(body: Body, step: Step) -> list[str]:
    body.words.helpers.add("errors")
    if not step.get("ignore"):
        return ["assert errors == []"]
    patterns = ", ".join(body.words.text(one) for one in step["ignore"])
    return [f"assert [one for one in errors if not any(re.search(pattern, one) for pattern in ({patterns},))] == []"]


def _beacon(body: Body, step: Step) -> list[str]:
    raise NotExported("Only a check can ask the collector for what arrived.")


def _totp(body: Body, step: Step) -> list[str]:
    body.words.helpers.add("totp")
    return [f"{body.words.name(step['into'])} = totp({body.words.text(step['totp'])})"]


def _drag(body: Body, step: Step) -> list[str]:
    return [f"{body.words.element(step, step['drag'])}.drag_to({body.words.element(step, step['to'])}, steps=8)"]


def _plain(*statements: str) -> Callable[[Body, Step], list[str]]:
    return lambda body, step: list(statements)


_VERBS: Final[Mapping[str, Callable[[Body, Step], list[str]]]] = {
    "open": _open,
    "reload": _plain("page.reload()"),
    "back": _plain("page.go_back()"),
    "forward": _plain("page.go_forward()"),
    "close": _plain("page.close()", "page = page.context.pages[-1]"),
    "viewport": lambda body, step: [f'page.set_viewport_size({{"width": {step["viewport"][0]}, "height": {step["viewport"][1]}}})'],
    "network": _network,
    "click": _pointer("click"),
    "dblclick": _pointer("dblclick"),
    "hover": _pointer("hover"),
    "mouse_down": _mouse("mouse_down"),
    "mouse_up": _mouse("mouse_up"),
    "drag": _drag,
    "scroll": _scroll,
    "press": _press,
    "key_down": lambda body, step: [f"page.keyboard.down({body.words.text(step['key_down'])})"],
    "key_up": lambda body, step: [f"page.keyboard.up({body.words.text(step['key_up'])})"],
    "fill": _field("fill", "fill"),
    "type": _field("type", "press_sequentially"),
    "set": _set,
    "select": _select,
    "check": _pointer("check"),
    "uncheck": _pointer("uncheck"),
    "upload": _upload,
    "dialog": _dialog,
    "wait": lambda body, step: [f"page.wait_for_timeout({round(step['wait'] * 1000)})"],
    "wait_for": _wait_for,
    "wait_for_js": lambda body, step: _eventually(body, step, body.words.script(step, step["wait_for_js"])),
    "wait_for_url": _page("wait_for_url", "to_have_url"),
    "eval": _eval,
    "extract": _extract,
    "store": lambda body, step: [f"{body.words.name(step['into'])} = {body.words.text(step['store'])}"],
    "totp": _totp,
    "request": _request,
    "screenshot": _screenshot,
    "exit": _exit,
    "expect_url": _page("expect_url", "to_have_url"),
    "expect_title": _page("expect_title", "to_have_title"),
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
    "expect_count": _count,
    "expect_aria": lambda body, step: [
        f"expect({body.words.element(step, step['expect_aria'])}).to_match_aria_snapshot({body.words.text(step['value'])})"
    ],
    "expect_js": lambda body, step: _eventually(body, step, body.words.script(step, step["expect_js"])),
    "expect_request": _asked,
    "expect_no_console_errors": _errors,
    "expect_dialog": _heard("dialogs", "any({} in one for one in dialogs[-1:])"),
    "expect_download": _heard("downloads", "any(fnmatch(one.suggested_filename, {}) for one in downloads)"),
    "expect_beacon": _beacon,
}
