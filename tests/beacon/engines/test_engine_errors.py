"""Whether what goes wrong in a page is told in Firefox and WebKit."""

from __future__ import annotations

import pytest
from beacon_site import Server
from engine import Visit, leave

pytestmark = pytest.mark.browser

# Each returns a promise that is kept once the browser has told the page's listeners.
FAILING = """<p>hello
<script>
  const later = (done) => setTimeout(done, 50);
  const fail = {
    exception: () => new Promise((done) => setTimeout(() => { later(done); throw new TypeError('no such cart'); })),
    rejection: () => new Promise((done) => { later(done); Promise.reject(new RangeError('too many')); }),
    text: () => new Promise((done) => { later(done); Promise.reject('just words'); }),
    picture: () => new Promise((done) => {
      document.body.append(Object.assign(new Image(), {src: '/missing.png?secret=1', onerror: () => later(done)}));
    }),
  };
</script>"""


@pytest.mark.parametrize(
    ("failure", "fields"),
    [
        ("exception", {"error.source": "exception", "exception.type": "TypeError", "exception.message": "no such cart"}),
        ("rejection", {"error.source": "unhandled-rejection", "exception.type": "RangeError", "exception.message": "too many"}),
        ("text", {"error.source": "unhandled-rejection", "exception.message": "just words"}),
    ],
)
def test_what_a_script_throws_is_told(failure: str, fields: dict[str, str], visit: Visit, site: Server, collector: Server) -> None:
    tab = visit(FAILING, watched=False)
    tab.evaluate(f"fail.{failure}()")
    leave(tab, site)

    (row,) = collector.rows_on_leave()
    (error,) = collector.rows("error")

    assert {name: error[name] for name in fields} == fields
    assert (error["view.id"], error["page.path"], error["error.occurrences"]) == (row["id"], "/", 1)
    assert row["error.count"] == 1
    assert row.get("error.rejection_count", 0) == int(failure != "exception")


def test_an_exception_is_told_with_its_place(visit: Visit, site: Server, collector: Server) -> None:
    tab = visit(FAILING, watched=False)
    tab.evaluate("fail.exception()")
    leave(tab, site)

    collector.rows_on_leave()
    (error,) = collector.rows("error")

    assert error["error.url"] == site.url + "/"
    assert error["error.line"] == 5
    assert site.url in error["exception.stacktrace"]


def test_a_picture_that_fails_is_told_without_its_query(visit: Visit, site: Server, collector: Server) -> None:
    tab = visit(FAILING, watched=False)
    tab.evaluate("fail.picture()")
    leave(tab, site)

    (row,) = collector.rows_on_leave()
    (error,) = collector.rows("error")

    assert (error["error.source"], error["error.url"]) == ("resource", site.url + "/missing.png")
    assert row["error.resource_count"] == 1
    assert "error.count" not in row
