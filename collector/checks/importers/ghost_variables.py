"""Variables of Ghost Inspector: `{{name}}` in its texts, and those that it makes up, such as `{{timestamp}}`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from collector.checks.importers.model import Imported
from collector.checks.importers.names import Names, escape

_REFERENCE: Final = re.compile(r"\{\{\s*([^{}\s][^{}]*?)\s*\}\}")

_RANDOM: Final = "Math.floor(Math.random() * {})"
_ALPHANUMERIC: Final = "Array.from({length: 16}, () => Math.floor(Math.random() * 36).toString(36)).join('')"


def _one_of(*words: str) -> str:
    return f"{json.dumps(words)}[{_RANDOM.format(len(words))}]"


def _digits(pattern: str) -> str:
    return f"{json.dumps(pattern)}.replace(/#/g, () => String({_RANDOM.format(10)}))"


_FIRST: Final = _one_of("Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Margaret", "Tony")
_LAST: Final = _one_of("Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "Knuth", "Hamilton", "Hoare")
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_YEAR_MS: Final = 365 * 86_400_000

#: JavaScript that makes up the like, by the names of variables.
GENERATED: Final[Mapping[str, str]] = {
    "timestamp": "String(Date.now())",
    "alphanumeric": _ALPHANUMERIC,
    "name.firstName": _FIRST,
    "name.lastName": _LAST,
    "name.prefix": _one_of("Ms.", "Mr.", "Mrs.", "Dr."),
    "name.suffix": _one_of("Jr.", "Sr.", "II", "III", "PhD"),
    "name.title": _one_of("Engineer", "Designer", "Analyst", "Director"),
    "company.companyName": f"{_LAST} + ' Inc'",
    "address.streetAddress": f"{_digits('###')} + ' ' + {_LAST} + ' Street'",
    "address.city": _one_of("Springfield", "Riverside", "Franklin", "Clinton"),
    "address.state": _one_of("Oregon", "Vermont", "Texas", "Ohio"),
    "address.stateAbbr": _one_of("OR", "VT", "TX", "OH"),
    "address.zipCode": _digits("#####"),
    "address.countryCode": _one_of("US", "CA", "DE", "FR", "JP"),
    "phone.phoneNumber": _digits("555-01##-####"),
    "phone.phoneNumberFormat": _digits("(555) 01#-####"),
    "internet.email": f"'user.' + {_ALPHANUMERIC} + '@example.com'",
    "internet.password": _ALPHANUMERIC,
    "internet.ip": f"'192.0.2.' + {_RANDOM.format(256)}",
    "internet.color": f"'#' + {_RANDOM.format(1 << 24)}.toString(16).padStart(6, '0')",
    "date.month": _one_of(*_MONTHS),
    "date.weekday": _one_of(*_DAYS),
    "date.past": f"new Date(Date.now() - {_RANDOM.format(_YEAR_MS)}).toISOString()",
    "date.future": f"new Date(Date.now() + {_RANDOM.format(_YEAR_MS)}).toISOString()",
    "commerce.productName": _one_of("Sturdy Mug", "Small Table", "Woollen Scarf", "Oak Chair"),
    "commerce.price": f"({_RANDOM.format(100_000)} / 100).toFixed(2)",
    "lorem.text": _one_of("Lorem ipsum dolor sit amet.", "Consectetur adipiscing elit.", "Sed do eiusmod tempor."),
    "random.number": f"String({_RANDOM.format(100_000)})",
    "random.uuid": "crypto.randomUUID ? crypto.randomUUID() : " + _ALPHANUMERIC,
}


class Variables:
    """Names variables as check files do.

    Args:
        names: gives the names.
        imported: is told which of them have to be made up.
    """

    def __init__(self, names: Names, imported: Imported) -> None:
        self._names, self._imported = names, imported

    def text(self, text: str) -> str:
        """Return a text with its variables as check files have them."""
        parts, end = [], 0
        for match in _REFERENCE.finditer(text):
            parts += [escape(text[end : match.start()]), f"${{{self.of(match[1])}}}"]
            end = match.end()
        return "".join([*parts, escape(text[end:])])

    def of(self, name: str) -> str:
        """Return the name of a variable."""
        found = self._names.of(name)
        if name in GENERATED:
            self._imported.generated[found] = (f"{{{{{name}}}}}", GENERATED[name])
        return found


def has_variables(text: str) -> bool:
    """Return whether a text is put together of variables."""
    return _REFERENCE.search(text) is not None
