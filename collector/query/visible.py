"""Which dataset a request is about: one that exists, and that who asks may see."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request

from collector.access.identity import Role
from collector.access.private import identity_of
from collector.config import Dataset
from collector.errors import RequestError
from collector.query.reading import nearest, shorten


def known_dataset(request: Request, dataset: str | None, datasets: Mapping[str, Dataset], own: Dataset | None = None) -> str:
    """Return the dataset's name.

    Args:
        request: says who asks.
        dataset: the name in the request.
        datasets: by name.
        own: the collector's own dataset, which is not listed.

    Raises:
        RequestError: none was named (400), there is no such dataset (404), or who asks may not see it (403).
    """
    identity = identity_of(request)
    visible = identity.visible(datasets)
    known = ", ".join(visible)
    if not dataset:
        raise RequestError(400, "no_dataset", f"Say which dataset: ?dataset=… with one of {known}.", "dataset")
    if dataset not in datasets and (own is None or dataset != own.name):
        message = f"There is no dataset “{shorten(dataset)}”.{nearest(shorten(dataset), visible)} Known are {known}."
        raise RequestError(404, "unknown_dataset", message, "dataset")
    identity.require(Role.VIEWER, dataset)
    return dataset
