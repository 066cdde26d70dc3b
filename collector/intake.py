"""Opens what events wait in between beacon and store: the spool's files, or a topic of Kafka."""

from __future__ import annotations

import logging
from pathlib import Path

from collector.config import Settings
from collector.config.kafka import parse_kafka
from collector.pipeline.intake import Intake
from collector.pipeline.ledger import Ledger
from collector.pipeline.leftovers import claim, claim_home, spool_folders
from collector.pipeline.segment import SUFFIX
from collector.pipeline.spool import SPOOL_FOLDER, Spool

log = logging.getLogger(__name__)


def open_intake(settings: Settings, ledger: Ledger) -> tuple[Intake, Path]:
    """Return it, and the folder of this process's own files. Raises SpoolError."""
    if settings.spool.is_kafka:
        return _open_kafka(settings, ledger)
    spool = (
        Spool(settings.data_dir / SPOOL_FOLDER, settings.spool, ledger)
        if settings.process.answers
        else claim(settings.data_dir, settings.spool, ledger)
    )
    return spool, spool.folder.parent


def _open_kafka(settings: Settings, ledger: Ledger) -> tuple[Intake, Path]:
    # The client is an extra, and its library takes a moment to load.
    from collector.pipeline.kafka.spool import KafkaSpool

    claimed = None if settings.process.answers else claim_home(settings.data_dir)
    if not settings.loads and (left := [str(one) for one in spool_folders(settings.data_dir) if any(one.glob(f"*{SUFFIX}"))]):
        log.error("Events may wait in %s, from before the spool was in Kafka. A collector with the role ingest does not load them: "
                  "start one there with `--spool disk` once, and let it load.", ", ".join(left))  # fmt: skip
    spool = KafkaSpool(parse_kafka(settings.spool.url), ledger, loads=settings.loads, claimed=claimed)
    return spool, claimed.path.parent if claimed else settings.data_dir
