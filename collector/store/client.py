"""clickhouse-driver's client, whose INSERTs write columns as those for the embedded store are written: in less time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from clickhouse_driver import Client
from clickhouse_driver.block import BlockInfo, ColumnOrientedBlock
from clickhouse_driver.defines import DBMS_MIN_REVISION_WITH_CUSTOM_SERIALIZATION
from clickhouse_driver.protocol import ClientPacketTypes
from clickhouse_driver.varint import write_varint
from clickhouse_driver.writer import write_binary_str

from collector.store.columns import Columns
from collector.store.native import write_block

#: The server tells of each block, some KB; it is not waited for before the next few are sent, as a distant one takes its time.
_MOST_UNTOLD: Final = 3


class StoreClient(Client):  # type: ignore[misc]
    """A connection of the driver's."""

    def insert(self, table: str, blocks: Sequence[Columns], settings: Mapping[str, Any]) -> None:
        """Insert blocks, all of the same columns, by one INSERT; each is written in the types that the server asks for.

        As `Client.execute` does it: https://github.com/mymarilyn/clickhouse-driver/blob/master/clickhouse_driver/client.py

        Raises:
            What the driver raises, or one of `ENCODING_ERRORS`: the connection is closed then.
        """
        names = ", ".join(f"`{name}`" for name, _ in blocks[0].spec)
        query = f"INSERT INTO {table} ({names}) VALUES"
        with self.disconnect_on_error(query, settings):
            self.connection.send_query(query)
            self.connection.send_external_tables(None)
            sample = self.receive_sample_block()
            for number, columns in enumerate(blocks):
                self._send(Columns(sample.columns_with_types, columns.data))
                if number >= _MOST_UNTOLD:
                    self.receive_profile_events()
            self.connection.send_data(ColumnOrientedBlock())
            for _ in range(min(len(blocks), _MOST_UNTOLD) + 1):
                self.receive_profile_events()
            self.receive_end_of_insert_query()

    def _send(self, columns: Columns) -> None:
        connection = self.connection
        write_varint(ClientPacketTypes.DATA, connection.fout)
        write_binary_str("", connection.fout)
        stream = connection.block_out
        BlockInfo().write(stream.fout)
        revision = connection.server_info.used_revision
        write_block(columns, stream.context, stream.fout, says_how=revision >= DBMS_MIN_REVISION_WITH_CUSTOM_SERIALIZATION)
        stream.finalize()
