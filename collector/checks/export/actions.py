"""What a check does, as statements of a Playwright test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from collector.checks.conditions import parse
from collector.checks.export.body import Body, Step, Write, eventually, found_in, page_is, timeout
from collector.checks.export.expectations import count_is
from collector.checks.files.shapes import NETWORKS


def _open(body: Body, step: Step) -> list[str]:
    until = f', wait_until="{step["until"]}"' if step.get("until", "load") != "load" else ""
    url = body.words.text(step["open"])
    if body.site and not step["open"].startswith(("http:", "https:", "${")):
        url = f"urljoin({body.words.text(body.site)}, {url})"
    return [f"page.goto({url}{until}{timeout(step)})"]


def _pointer(verb: str) -> Write:
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
            given.append(timeout(step)[2:])
        return [f"{body.words.element(step, step[verb])}.{verb}({', '.join(given)})"]

    return write


def _mouse(verb: str) -> Write:
    return lambda body, step: [f"{body.words.element(step, step[verb])}.hover()", f"page.mouse.{verb.removeprefix('mouse_')}()"]


def _scroll(body: Body, step: Step) -> list[str]:
    where = step["scroll"]
    if isinstance(where, list) and not isinstance(where[0], str):
        return [body.words.script(step, f"scrollTo({where[0]}, {where[1]})")]
    return [f"{body.words.element(step, where)}.scroll_into_view_if_needed()"]


def _press(body: Body, step: Step) -> list[str]:
    key = body.words.text(step["press"])
    return [f"{body.words.element(step, step['target'])}.press({key})" if "target" in step else f"page.keyboard.press({key})"]


def _field(verb: str, method: str) -> Write:
    return lambda body, step: [f"{body.words.element(step, step[verb])}.{method}({body.words.text(step['value'])}{timeout(step)})"]


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
        return count_is(body, {**step, "expect_count": step["wait_for"], "value": step["count"]})
    return [
        f"{body.words.element(step, step['wait_for'])}.wait_for(state={json.dumps(step.get('state', 'visible'))}{timeout(step)})"
    ]


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
        lines.append(f"{body.words.name(name)} = as_text({found_in(parse(f'{path} exists'), 'response')})")
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


def _totp(body: Body, step: Step) -> list[str]:
    body.words.helpers.add("totp")
    return [f"{body.words.name(step['into'])} = totp({body.words.text(step['totp'])})"]


def _drag(body: Body, step: Step) -> list[str]:
    return [f"{body.words.element(step, step['drag'])}.drag_to({body.words.element(step, step['to'])}, steps=8)"]


def _plain(*statements: str) -> Write:
    return lambda body, step: list(statements)


#: What writes the statements of a step, by its verb.
ACTIONS: Final[Mapping[str, Write]] = {
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
    "wait_for_js": lambda body, step: eventually(body, step, body.words.script(step, step["wait_for_js"])),
    "wait_for_url": page_is("wait_for_url", "to_have_url"),
    "eval": _eval,
    "extract": _extract,
    "store": lambda body, step: [f"{body.words.name(step['into'])} = {body.words.text(step['store'])}"],
    "totp": _totp,
    "request": _request,
    "screenshot": _screenshot,
    "exit": _exit,
}
