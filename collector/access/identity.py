"""Who is asking, and what they may do: a role on single datasets, or on all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from collector.errors import RequestError

#: Stands for all datasets, those of tomorrow too.
EVERYTHING: Final = "*"


class Role(IntEnum):
    """What somebody may do with a dataset; each role has what the one before it has.

    A viewer asks questions. An editor also changes what belongs to the dataset, such as dead letters. An admin does the rest.
    """

    VIEWER = 1
    EDITOR = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """The role as people write it."""
        return self.name.lower()


#: By dataset, or `EVERYTHING`.
Grants = Mapping[str, Role]
ROLES: Final = {role.word: role for role in Role}
#: What a token may do is said in other words than what a person may do, but it is the same.
SCOPES: Final = {"read": Role.VIEWER, "write-config": Role.EDITOR, "admin": Role.ADMIN}
#: A token of this scope runs checks and tells of them, and does nothing else: no role says so.
RUN_SCOPE: Final = "run-checks"
ALL_SCOPES: Final = (*SCOPES, RUN_SCOPE)
#: What is needed to change users, tokens and settings.
ADMIN_OF_ALL: Final[Grants] = {EVERYTHING: Role.ADMIN}


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who has shown a credential.

    Args:
        kind: `user`, `sso`, `token` or `admin-token`.
        name: the user's or the token's; the audit log and the viewer show it.
        grants: the roles.
        runs: the datasets, or `EVERYTHING`, for which this one may run checks without a role on them.
    """

    kind: str
    name: str
    grants: Grants
    runs: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return who this is in a sentence or a table."""
        return {"user": self.name, "sso": f"{self.name} (SSO)", "token": f"token {self.name}"}.get(self.kind, "admin token")

    def role_on(self, dataset: str) -> Role | None:
        """Return the highest role that this one has on a dataset."""
        found = [self.grants[name] for name in (dataset, EVERYTHING) if name in self.grants]
        return max(found, default=None)

    def may(self, role: Role, dataset: str = EVERYTHING) -> bool:
        """Whether this one has a role on a dataset; on all of them, if none is named."""
        found = self.role_on(dataset)
        return found is not None and found >= role

    def require(self, role: Role, dataset: str = EVERYTHING) -> None:
        """Raise RequestError (403) unless this one has a role on a dataset; on all of them, if none is named."""
        if self.may(role, dataset):
            return
        where = "all datasets" if dataset == EVERYTHING else f"the dataset {dataset}"
        found = self.role_on(dataset)
        has = f"the role {found.word}" if found else "no role"
        raise RequestError(403, "forbidden", f"This needs the role {role.word} on {where}, where {self} has {has}: ask an admin.")

    def may_run(self, dataset: str) -> bool:
        """Whether this one may run checks of a dataset."""
        return self.may(Role.EDITOR, dataset) or not {dataset, EVERYTHING}.isdisjoint(self.runs)

    def require_run(self, dataset: str) -> None:
        """Raise RequestError (403) unless this one may run checks of a dataset."""
        if not self.may_run(dataset):
            text = f"{self} may not run checks of the dataset {dataset}: it takes a token of the scope {RUN_SCOPE}, or an editor."
            raise RequestError(403, "forbidden", text)

    def visible(self, datasets: Iterable[str]) -> list[str]:
        """Return those of the datasets that this one has a role on."""
        return [dataset for dataset in datasets if self.role_on(dataset)]
