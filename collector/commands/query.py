"""`wideload query`: ask a question of a running collector."""

from __future__ import annotations

import sys
from typing import Any

import click

from collector.commands.options import collector_options, settings_of, settings_options


@click.command()
@click.argument("spec", required=False, metavar="[SPEC.json|-]")
@click.option("--dataset", metavar="NAME", help="The dataset to ask. By default the only one there is.")
@click.option(
    "--calc",
    "calculations",
    multiple=True,
    metavar="OP:FIELD",
    help="count, or sum, avg, min, max, count_distinct or a percentile (p75, p99.9, …) of a field: p75:lcp.value, or "
    "'P75(lcp.value)'.  [default: COUNT]",
)
@click.option("--by", "breakdowns", multiple=True, metavar="FIELD", help="A field to group by.")
@click.option(
    "--where",
    "conditions",
    multiple=True,
    metavar="CONDITION",
    help="'FIELD OP VALUE'. OP is =, !=, >, >=, <, <=, starts-with, ends-with, contains, in (a, b), exists, or one of "
    "these negated: does-not-contain, not-in, does-not-exist, …",
)
@click.option("--any", "any_condition", is_flag=True, help="One --where that holds is enough; without this, all have to.")
@click.option("--having", "havings", multiple=True, metavar="CONDITION", help="Keep groups by a calculation: 'COUNT > 100'.")
@click.option("--order", "orders", multiple=True, metavar="WHAT [asc|desc]", help="Sort by a calculation or a field of --by.")
@click.option("--last", metavar="SPAN", help="How far to look back: 30m, 24h, 7d.  [default: 2h]")
@click.option("--compare", metavar="SPAN", help="Also show what it was so much earlier, and the change: --last 24h --compare 7d.")
@click.option("--granularity", metavar="SPAN", help="Answer over time, a row each span: 5m, 1h.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="The most groups.  [default: 100]")
@click.option("--spark", is_flag=True, help="Show each group over time as a line of bars.")
@click.option("--json", "form", flag_value="json", help="Print the answer as the API gives it.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
@collector_options
@settings_options("data_dir")
def query(spec: str | None, dataset: str | None, form: str | None, url: str | None, token: str | None, **options: Any) -> None:
    """Ask a question, and print the answer as a table.

    Asks a running collector. The question is given by options, or as a whole query specification in a file (- for standard input);
    docs/api.md describes it. A value has its field's type; put quotes around the value of an attribute to make it a text:
    'plan = "7"'. In a terminal, a question that takes long is answered from a sample first.

    \b
    Examples:
      wideload query --calc p75:lcp.value --calc count --by page.path --last 24h --limit 10
      wideload query --calc p75:lcp.value --by page.route --last 24h --compare 7d
      wideload query --where 'device.type = mobile' --where 'lcp.value > 2500' --by geo.country.iso_code
      wideload query --calc p75:inp.value --by device.type --last 7d --spark
      wideload query slowest-pages.json --dataset shop --json
    """
    from collector.client import open_client
    from collector.commands import answers, ask

    if options["spark"] and form:
        raise click.UsageError("Give --spark, --json or --csv, not several of them.")
    form = "spark" if options["spark"] else form
    question = ask.Question(**{name: options.pop(name) for name in ask.Question.__slots__})
    if spec and question:
        raise click.UsageError("Give a specification or a question in options, not both.")
    body = ask.read_spec(spec, sys.stdin) if spec else ask.build_spec(question)
    with open_client(settings_of(options), url, token) as client:
        body["dataset"] = dataset or body.get("dataset") or ask.only_dataset(client.get("/api/me")["datasets"])
        answer: dict[str, Any] = {}
        for answer in client.steps("/api/query", body):
            if answer["meta"].get("sampled") and form in (None, "spark") and sys.stderr.isatty():
                click.echo(answers.render(body, answer, form) + "\n", err=True)
    click.echo(answers.render(body, answer, form))
