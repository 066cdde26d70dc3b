"""`helm test`: posts a beacon where pages do, and asks for it where people do. Needs nothing but Python."""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path


def ask(url, headers, body=None):
    """Return the JSON answer, or None for 404."""
    data = json.dumps(body).encode() if body is not None else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=10) as response:
            return json.loads(response.read() or "{}")
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        sys.exit(f"{url} answers {error.code}: {error.read()[:500].decode(errors='replace')}")


public, private = os.environ["PUBLIC_URL"], os.environ["PRIVATE_URL"]
dataset, key, origin = os.environ["DATASET"], os.environ["SITE_KEY"], os.environ["ORIGIN"]
token = Path(os.environ["TOKEN_FILE"]).read_text().strip()
name, started = f"helm-test-{uuid.uuid4()}", time.monotonic()

event = {"id": name, "kind": "helm_test", "time": int(time.time() * 1000)}
headers = {"content-type": "text/plain", **({"origin": origin} if origin else {})}
if ask(f"{public}/v1/beacon/{key}", headers, {"v": 1, "events": [event]}) is None:
    sys.exit(f"{public} takes no beacons.")
while not ask(f"{private}/api/events/{name}?dataset={dataset}", {"authorization": f"Bearer {token}"}):
    if time.monotonic() - started > 60:
        sys.exit(
            f"The event {name} was acknowledged, and cannot be found after a minute: look at the logs for why it is not stored."
        )
    time.sleep(0.2)
print(f"The event {name} was acknowledged, stored and found within {time.monotonic() - started:.1f} s.")
