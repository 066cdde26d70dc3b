"""`/v1/push/{token}`: the heartbeats of jobs. Public: whoever knows the address is the job."""

from __future__ import annotations

from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collector.access.throttle import Throttle
from collector.checks.schedule.pushes import PATH, Pushes
from collector.errors import RequestError

_STATUSES: Final = {"ok": True, "fail": False}
_MAX_MESSAGE: Final = 1000
#: Of one job: so many at once, and then one every so many seconds.
_BURST, _SECONDS = 10, 2.0


def push_routes(pushes: Pushes | None) -> list[Route]:
    """Return the endpoint; without checks every address is unknown."""
    throttle = Throttle(_BURST, _SECONDS)

    async def push(request: Request) -> Response:
        token, asked = request.path_params["token"], request.query_params
        status = asked.get("status", "ok")
        try:
            if status not in _STATUSES:
                raise RequestError(400, "bad_push", "status must be ok or fail.", "status")
            if wait := throttle.take(token):
                raise RequestError(429, "too_many_pushes", f"That is too often: wait {wait:.0f} s.")
            message = asked.get("message", "")[:_MAX_MESSAGE]
            if pushes is None or not await to_thread.run_sync(pushes.receive, token, _STATUSES[status], message):
                raise RequestError(404, "unknown_push", "No check has this address: `wideload check push-url` says the right one.")
        except RequestError as error:
            return JSONResponse(error.as_json(), error.status)
        return Response(status_code=204)

    return [Route(f"{PATH}{{token}}", push, methods=["GET", "POST"])]
