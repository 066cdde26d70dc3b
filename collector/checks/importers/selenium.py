"""Projects of Selenium IDE, files `*.side`: tests of commands with a target and a value.

Conditions become variables that steps ask for; loops of a fixed number are written out; tests that others run become modules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from collector.checks.importers.finish import relative
from collector.checks.importers.model import Draft, Imported, Step, Untranslatable
from collector.checks.importers.names import Names, slug
from collector.checks.importers.recording import Made, Recording, made
from collector.checks.importers.selenium_commands import COMMANDS, Command, typed_note
from collector.checks.importers.targets import selenium_selector

#: Steps that one loop may become.
_MOST_REPEATED: Final = 200
_LOOPS: Final = {"while": "it", "forEach": "it", "do": "it", "times": "it"}
_ENDS: Final = frozenset({"end", "repeatIf"})
_OPENS: Final = frozenset({"if", "while", "forEach", "times", "do"})
#: What is done with an alert, question or prompt that an earlier command has brought up.
_DIALOGS: Final = {
    "acceptAlert": "accept", "acceptConfirmation": "accept", "answerPrompt": "accept", "dismissConfirmation": "dismiss",
    "dismissPrompt": "dismiss", "webdriverChooseOkOnVisibleConfirmation": "accept", "webdriverAnswerOnVisiblePrompt": "accept",
    "webdriverChooseCancelOnVisibleConfirmation": "dismiss", "webdriverChooseCancelOnVisiblePrompt": "dismiss",
}  # fmt: skip
#: The same said beforehand.
_NEXT_DIALOGS: Final = {
    "chooseOkOnNextConfirmation": "accept", "chooseCancelOnNextConfirmation": "dismiss", "chooseCancelOnNextPrompt": "dismiss",
    "answerOnNextPrompt": "accept",
}  # fmt: skip
_DIALOG_TEXTS: Final = frozenset({"assertAlert", "assertConfirmation", "assertPrompt"})
#: Steps that may bring up a dialog.
_ACTIONS: Final = frozenset(
    {"click", "dblclick", "set", "fill", "type", "press", "select", "check", "uncheck", "eval", "open", "mouse_up", "drag"}
)


#: Steps that are about no part of a page.
_FRAMELESS: Final = frozenset({"open", "wait", "store", "use", "close", "dialog", "viewport"})


def import_project(project: dict[str, Any], names: Names) -> Imported:
    """Return the journeys and modules of a project."""
    return _Project(project, names).translate()


class _Project:
    def __init__(self, project: dict[str, Any], names: Names) -> None:
        self._project, self._names = project, names
        self._tests = [test for test in project.get("tests") or () if isinstance(test, dict)]
        self._imported = Imported("Selenium IDE")
        self._folder = slug(str(project.get("name") or "project"), "project")
        run = {str(one.get("target")) for test in self._tests for one in _commands(test) if one.get("command") == "run"}
        self._modules = {
            str(test["name"]): f"modules/{slug(str(test['name']))}.module.yaml" for test in self._tests if test.get("name") in run
        }

    def translate(self) -> Imported:
        names, paths = self._names, set[str]()
        for test in self._tests:
            title = str(test.get("name") or "test")
            path = f"{self._folder}/{slug(title)}.check.yaml"
            while path in paths:
                path = path.replace(".check.yaml", "-2.check.yaml")
            paths.add(path)
            if title in self._modules:
                module = Draft(self._modules[title], title, {}, is_module=True)
                self._imported.drafts.append(module)
                self._fill(test, module, names)
            draft = Draft(path, title, {})
            self._imported.drafts.append(draft)
            suites = [suite for suite in self._project.get("suites") or () if test.get("id") in (suite.get("tests") or ())]
            if suites:
                draft.document["suite"] = str(suites[0].get("name"))
                self._suite(suites[0], draft)
            if url := str(self._project.get("url") or ""):
                Recording(draft, self._imported, names).address(url)
            if title in self._modules:
                use = made(
                    {"use": relative(self._modules[title], path)}, note="The steps are a module, as other tests run them, too."
                )
                Recording(draft, self._imported, names).put("commands", title, use)
            else:
                self._fill(test, draft, names)
        if self._project.get("plugins"):
            self._imported.drafts[0].note("setting", "plugins", "Commands of plug-ins have no counterpart.")
        return self._imported

    def _suite(self, suite: Mapping[str, Any], draft: Draft) -> None:
        if suite.get("persistSession"):
            draft.refuse(
                "setting", "persistSession", "Checks do not share a browser: put the commands that they need before into a module."
            )
        if suite.get("timeout") and suite["timeout"] != 300:
            draft.document["timeout"] = min(600, int(suite["timeout"]))

    def _fill(self, test: Mapping[str, Any], draft: Draft, names: Names) -> None:
        def module(name: str) -> str:
            if name not in self._modules:
                raise Untranslatable(f"There is no test {name!r} in the project.")
            return relative(self._modules[name], draft.path)

        _Test(test, Recording(draft, self._imported, names), names, module).translate()


@dataclass(slots=True)
class _Block:
    """An `if` that is open: the variables of its branches, and the one that the steps are under now."""

    branches: list[str] = field(default_factory=list)
    is_loop: bool = False


class _Test:
    """Translates one test: follows its windows, frames and conditions from command to command."""

    def __init__(self, test: Mapping[str, Any], recording: Recording, names: Names, module: Any) -> None:
        self._test, self._recording, self._names, self._module = test, recording, names, module
        self._blocks: list[_Block] = []
        self._frames: list[str | int] = []
        self._windows: dict[str, int] = {}
        self._window, self._opened = 0, 0
        self._page: int | None = None

    def translate(self) -> None:
        draft = self._recording.draft
        for place, raw in _repeated(list(enumerate(_commands(self._test), 1)), draft):
            self._one(place, raw)
        if any("soft" in step for step in draft.steps):
            note = "What `verify` finds wrong degrades the run; in Selenium IDE the test fails when it has come to its end."
            draft.note("commands", "verify…", note)

    def _one(self, place: str, raw: Mapping[str, Any]) -> None:
        name = str(raw.get("command") or "")
        source = f"{name} {_shown(raw)}"
        if not name or name.startswith("//") or raw.get("skip"):
            if name:
                self._recording.draft.note(place, source, "It is turned off, and left out.")
            return
        command = Command(raw, self._recording, self._names, self._module)
        # What begins a branch does not stand in the one before.
        condition = "" if name in ("if", "elseIf", "else") else self._condition()
        keys = {"if": condition, "name": str(raw.get("comment") or "")[:200], "soft": name.startswith("verify")}
        self._recording.add(place, source, lambda: self._translate(name, command), keys)
        if raw.get("opensWindow"):
            self._opened += 1
            self._windows[str(raw.get("windowHandleName"))] = self._opened

    def _translate(self, name: str, one: Command) -> Made:
        name = f"assert{name.removeprefix('verify')}" if name.startswith("verify") else name
        if name in _STEERING:
            return _STEERING[name](self, one)
        if name in _DIALOGS or name in _NEXT_DIALOGS or name in _DIALOG_TEXTS:
            return self._dialog(name, one)
        if name not in COMMANDS:
            raise Untranslatable(f"Selenium IDE documents no command {name!r}.")
        return self._placed(COMMANDS[name](one))

    def _placed(self, found: Made) -> Made:
        """Return steps with the frame and the page that they are in."""
        placed = {"frame": list(self._frames)} if self._frames else {}
        steps = [step | ({} if _FRAMELESS & step.keys() else placed) for step in found.steps]
        if steps and self._page is not None:
            steps[0] = steps[0] | {"page": self._page}
            self._page = None
        return Made(tuple(steps), found.note)

    def _condition(self) -> str:
        return " && ".join(f"vars.{block.branches[-1]}" for block in self._blocks if block.branches)

    # --- Conditions ------------------------------------------------------------------------------------------------

    def _if(self, one: Command) -> Made:
        # The block is there even if its condition is not good: its `end` belongs to it.
        block = _Block()
        outer = self._condition()
        self._blocks.append(block)
        return self._branch(block, f"({one.script(one.target)})", outer, typed_note(one.target))

    def _else_if(self, one: Command) -> Made:
        block = self._block()
        return self._branch(block, f"{_none_of(block)} && ({one.script(one.target)})", self._outer(), typed_note(one.target))

    def _else(self, one: Command) -> Made:
        block = self._block()
        return self._branch(block, _none_of(block), self._outer())

    def _end(self, one: Command) -> Made:
        self._block()
        self._blocks.pop()
        return made()

    def _branch(self, block: _Block, condition: str, outer: str, note: str = "") -> Made:
        variable = self._names.free("if")
        block.branches.append(variable)
        # Of what has no frame yet, the condition is asked in the frame where the commands are.
        step: Step = {"eval": f"{condition} ? 'true' : ''", "into": variable}
        found = self._placed(made(step, note=note))
        return Made((found.steps[0] | ({"if": outer} if outer else {}),), found.note)

    def _block(self) -> _Block:
        if not self._blocks:
            raise Untranslatable("It ends or continues a block that was not begun.")
        return self._blocks[-1]

    def _outer(self) -> str:
        return " && ".join(f"vars.{block.branches[-1]}" for block in self._blocks[:-1] if block.branches)

    def _loop(self, one: Command) -> Made:
        raise Untranslatable(
            "Steps do not go round: write the check in Python (docs/checks.md), or repeat them a fixed number of times."
        )

    # --- Windows and frames ----------------------------------------------------------------------------------------

    def _select_window(self, one: Command) -> Made:
        name = re.fullmatch(r"handle=\$\{(\w+)\}", one.target)
        if not name or name[1] not in self._windows:
            raise Untranslatable(f"The window {one.target!r} was not opened by an earlier command.")
        self._page = self._window = self._windows[name[1]]
        self._frames.clear()
        return made()

    def _store_window(self, one: Command) -> Made:
        self._windows[one.target or one.value] = self._window
        return made()

    def _select_frame(self, one: Command) -> Made:
        if one.target == "relative=top":
            self._frames.clear()
        elif one.target == "relative=parent":
            del self._frames[-1:]
        elif one.target.startswith("index="):
            for part in one.target.removeprefix("index=").split("\\"):
                if part == "..":
                    del self._frames[-1:]
                else:
                    self._frames.append(int(part))
        else:
            self._frames.append(one.text(selenium_selector(one.target)))
        return made()

    def _window_size(self, one: Command) -> Made:
        size = [int(number) for number in re.findall(r"\d+", one.target)]
        if len(size) != 2:
            raise Untranslatable(f"{one.target!r} is no size such as 1280x800.")
        note = "It is the size of the page, without the browser's own parts."
        if not self._recording.draft.is_module and not any("open" in step for step in self._recording.draft.steps):
            self._recording.browser("viewport", size)
            return made(note=note)
        return self._placed(made({"viewport": size}, note=note))

    # --- Dialogs ---------------------------------------------------------------------------------------------------

    def _dialog(self, name: str, one: Command) -> Made:
        if name in _DIALOG_TEXTS:
            return self._placed(made({"expect_dialog": one.text(one.target), "match": "exact"}))
        step: Step = {"dialog": (_DIALOGS | _NEXT_DIALOGS)[name]}
        answer = one.value if name == "webdriverAnswerOnVisiblePrompt" else one.target
        if "rompt" in name and step["dialog"] == "accept":
            step["value"] = one.text(answer)
        if name in _NEXT_DIALOGS:
            return self._placed(made(step))
        # It has to be said before the command that brings the dialog up.
        lines = self._recording.draft.lines
        for place in range(len(lines) - 1, -1, -1):
            if any(_ACTIONS & found.keys() for found in lines[place].steps):
                first = lines[place].steps[0]
                moved = step | {key: first[key] for key in ("if", "page") if key in first}
                lines[place] = replace(lines[place], steps=(moved, *lines[place].steps))
                return made(note="It is said before the command that brings the dialog up.")
        raise Untranslatable("No command before it can have brought up a dialog.")


_STEERING: Final = {
    "if": _Test._if, "elseIf": _Test._else_if, "else": _Test._else, "end": _Test._end,
    "times": _Test._loop, "while": _Test._loop, "forEach": _Test._loop, "do": _Test._loop, "repeatIf": _Test._loop,
    "selectWindow": _Test._select_window, "storeWindowHandle": _Test._store_window, "selectFrame": _Test._select_frame,
    "setWindowSize": _Test._window_size,
}  # fmt: skip


def _repeated(
    commands: list[tuple[int, Mapping[str, Any]]], draft: Draft, turn: str = ""
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield commands with their places; loops of a fixed number of turns are written out."""
    index = 0
    while index < len(commands):
        number, raw = commands[index]
        place = f"command {number}{turn}"
        name = raw.get("command")
        if name in _LOOPS and not raw.get("skip"):
            end = _end_of(commands, index)
            inner = commands[index + 1 : end]
            turns = int(raw["target"]) if name == "times" and str(raw.get("target")).strip().isdigit() else 0
            if name == "times" and turns * len(inner) <= _MOST_REPEATED and end < len(commands):
                draft.note(place, f"times {turns}", "The commands are written out as often.")
                for count in range(1, turns + 1):
                    yield from _repeated(inner, draft, f"{turn}, turn {count}")
            else:
                yield place, raw
                yield from _repeated(inner, draft, turn)
            index = end + 1
            continue
        yield place, raw
        index += 1


def _end_of(commands: list[tuple[int, Mapping[str, Any]]], start: int) -> int:
    """Return where the block ends that begins at `start`."""
    depth = 0
    for index in range(start, len(commands)):
        name = commands[index][1].get("command")
        depth += (name in _OPENS) - (name in _ENDS)
        if depth == 0:
            return index
    return len(commands)


def _none_of(block: _Block) -> str:
    return " && ".join(f"!vars.{name}" for name in block.branches) or "true"


def _commands(test: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in test.get("commands") or () if isinstance(one, dict)]


def _shown(raw: Mapping[str, Any]) -> str:
    """Return what a command is about, without what is typed."""
    return str(raw.get("target") or "")
