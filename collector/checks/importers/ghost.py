"""Tests and suites of Ghost Inspector, as its API and its exports have them.

Modules ("Import steps from test") become module files; tests that import each other have to be imported together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collector.checks.importers import ghost_settings
from collector.checks.importers.finish import relative
from collector.checks.importers.ghost_steps import COMMANDS, REFUSED, GhostStep, condition_of, module_id, shown
from collector.checks.importers.ghost_variables import Variables
from collector.checks.importers.model import Draft, Imported, Untranslatable
from collector.checks.importers.names import Names, slug
from collector.checks.importers.recording import Made, Recording, body, made, shorten


def import_tests(documents: list[dict[str, Any]], names: Names) -> Imported:
    """Return the journeys and modules of tests and suites that belong together."""
    suites, tests = _sort(documents)
    return _Account(suites, tests, names).translate()


def _sort(documents: list[dict[str, Any]]) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """Return the suites by their ids, and all tests, each of which says its suite as `suite`."""
    suites: dict[str, dict[str, Any]] = {}
    tests: list[dict[str, Any]] = []
    for document in documents:
        if "steps" in document:
            tests.append(document)
            continue
        suite = document.get("suite") if isinstance(document.get("suite"), dict) else document
        assert isinstance(suite, dict)
        id_ = str(suite.get("_id") or suite.get("name"))
        suites[id_] = suite
        tests += [{"suite": id_, **test} for test in document.get("tests") or () if isinstance(test, dict)]
    return suites, tests


class _Account:
    """Everything that was exported together."""

    def __init__(self, suites: dict[str, dict[str, Any]], tests: list[dict[str, Any]], names: Names) -> None:
        self._suites, self._tests = suites, tests
        self._names, self._imported = names, Imported("Ghost Inspector")
        self._variables = Variables(self._names, self._imported)
        self._by_id = {str(test["_id"]): test for test in tests if test.get("_id")}
        used = {module_id(step) for test in tests for step in test.get("steps") or () if step.get("command") == "execute"}
        self._modules = {id_: self._path(self._by_id[id_], "modules/", ".module.yaml") for id_ in sorted(used & set(self._by_id))}

    def translate(self) -> Imported:
        paths: set[str] = set()
        for test in self._tests:
            id_ = str(test.get("_id") or "")
            if id_ in self._modules:
                self._module(test, self._modules[id_])
            if not test.get("importOnly"):
                self._check(test, _unused(self._path(test, self._folder(test), ".check.yaml"), paths))
            elif id_ not in self._modules:
                self._module(test, _unused(self._path(test, "modules/", ".module.yaml"), paths))
        return self._imported

    def _module(self, test: dict[str, Any], path: str) -> None:
        draft = Draft(path, str(test.get("name") or "module"), {}, is_module=True)
        self._imported.drafts.append(draft)
        self._steps(test, Recording(draft, self._imported, self._names), ghost_settings.settings_of(test, self._suite(test)))

    def _check(self, test: dict[str, Any], path: str) -> None:
        suite = self._suite(test)
        settings = ghost_settings.settings_of(test, suite)
        draft = Draft(path, str(test.get("name") or "test"), {})
        if suite.get("name"):
            draft.document["suite"] = str(suite["name"])
        self._imported.drafts.append(draft)
        self._declare(suite, draft)
        self._declare(test, draft)
        recording = Recording(draft, self._imported, self._names)
        ghost_settings.apply(settings, recording)
        if start := str(settings.get("startUrl") or ""):
            recording.add(
                "start URL", start.partition("?")[0], lambda: made({"open": recording.address(self._variables.text(start))})
            )
        else:
            draft.refuse("start URL", "", "There is none, neither in the test nor in its suite: import them together.")
        own = str(test.get("_id") or "")
        if own in self._modules:
            note = "The steps are a module, as other tests use them, too."
            recording.put("steps", draft.title, made({"use": relative(self._modules[own], path)}, note=note))
        else:
            self._steps(test, recording, settings)
        for setting, step, note in ghost_settings.last_steps(settings):
            recording.put(f"setting {setting}", str(settings.get(setting)), made(step, note=note))

    def _steps(self, test: dict[str, Any], recording: Recording, settings: Mapping[str, Any]) -> None:
        steps = [step for step in test.get("steps") or () if isinstance(step, dict)]

        def module(id_: str) -> str:
            return self._module_path(id_, recording.draft.path)

        for number, step in enumerate(steps, 1):
            command = str(step.get("command"))
            condition = condition_of(step)
            keys = {
                "if": body(self._variables.text(condition)),
                "optional": step.get("optional") is True,
                "name": shorten(self._variables.text(str(step.get("notes") or ""))),
            }

            def translate(step: dict[str, Any] = step, command: str = command) -> Made:
                if command not in COMMANDS:
                    raise Untranslatable(REFUSED.get(command, f"Ghost Inspector documents no command {command!r}."))
                return COMMANDS[command](GhostStep(step, recording, settings, self._variables, module))

            recording.add(f"step {number}", f"{command} {shown(step)}", translate, keys)

    def _declare(self, holder: Mapping[str, Any], draft: Draft) -> None:
        for variable in holder.get("variables") or ():
            name, value = str(variable.get("name")), str(variable.get("value") or "")
            if variable.get("private"):
                secret = self._names.of(name)
                if value:
                    self._imported.secrets[secret] = value
                else:
                    self._imported.secrets.setdefault(secret, "")
                draft.note("variable", name, f"It is the secret {secret}." + ("" if value else " The export leaves its value out."))
            else:
                draft.variables[self._names.of(name)] = self._variables.text(value)

    def _module_path(self, id_: str, path: str) -> str:
        if id_ not in self._modules:
            raise Untranslatable(
                f"The test {id_ or 'without an id'} that it imports is in none of the files: import them together."
            )
        if self._reaches(id_, id_):
            raise Untranslatable("The test that it imports imports itself.")
        return relative(self._modules[id_], path)

    def _reaches(self, start: str, wanted: str, seen: frozenset[str] = frozenset()) -> bool:
        steps = self._by_id[start].get("steps") or () if start in self._by_id else ()
        next_ = {module_id(step) for step in steps if step.get("command") == "execute"} - seen
        return wanted in next_ or any(self._reaches(one, wanted, seen | next_) for one in next_)

    def _suite(self, test: Mapping[str, Any]) -> dict[str, Any]:
        suite = test.get("suite")
        if isinstance(suite, dict):
            return {**suite, **self._suites.get(str(suite.get("_id")), {})}
        return self._suites.get(str(suite), {})

    def _folder(self, test: Mapping[str, Any]) -> str:
        name = self._suite(test).get("name")
        return f"{slug(str(name))}/" if name else ""

    def _path(self, test: Mapping[str, Any], folder: str, ending: str) -> str:
        return f"{folder}{slug(str(test.get('name') or test.get('_id') or 'test'))}{ending}"


def _unused(path: str, taken: set[str]) -> str:
    stem, _, ending = path.partition(".")
    number, found = 1, path
    while found in taken:
        number += 1
        found = f"{stem}-{number}.{ending}"
    taken.add(found)
    return found
