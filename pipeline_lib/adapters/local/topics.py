"""Topics as a table of SQLite: with redelivery, back-off and dead letters."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from pipeline_lib.adapters.local.database import Database
from pipeline_lib.messages import Message
from pipeline_lib.topology import Retry

TABLE = """CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, data BLOB NOT NULL,
    attributes TEXT NOT NULL, attempt INTEGER NOT NULL, due REAL NOT NULL, taken INTEGER NOT NULL
)"""
TAKE = """UPDATE messages SET taken = 1, attempt = attempt + 1 WHERE id = (
    SELECT id FROM messages WHERE NOT taken AND due <= ? ORDER BY due, id LIMIT 1
) RETURNING id, topic, data, attributes, attempt"""


@dataclass(frozen=True)
class Delivery:
    """One attempt to deliver a message; ``attempt`` counts from 1."""

    id: int
    topic: str
    message: Message
    attempt: int


class SqliteTopics:
    """Messages in ``database``; one that fails too often goes to the topic ``dead_letters``."""

    def __init__(
        self,
        database: Database,
        *,
        retry: Retry,
        dead_letters: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._retry = retry
        self._dead_letters = dead_letters
        self._clock = clock
        with database.write() as connection:
            connection.execute(TABLE)

    def publish(self, topic: str, message: Message) -> None:
        row = (topic, message.data, json.dumps(dict(message.attributes)), self._clock())
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO messages (topic, data, attributes, attempt, due, taken)"
                " VALUES (?, ?, ?, 0, ?, 0)",
                row,
            )

    def take(self) -> Delivery | None:
        """Take the message that has waited longest among those due, or None."""
        with self._database.write() as connection:
            row = connection.execute(TAKE, (self._clock(),)).fetchone()
        if row is None:
            return None
        number, topic, data, attributes, attempt = row
        return Delivery(number, topic, Message(data, json.loads(attributes)), attempt)

    def acknowledge(self, delivery: Delivery) -> None:
        """Remove a message that was handled; it is not delivered again."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM messages WHERE id = ?", (delivery.id,))

    def refuse(self, delivery: Delivery) -> None:
        """Redeliver a failed message after its back-off, or make it a dead letter."""
        if delivery.attempt >= self._retry.max_attempts:
            self.publish(self._dead_letters, dead_letter(delivery))
            self.acknowledge(delivery)
            return
        due = self._clock() + self._retry.backoff_s(delivery.attempt)
        self._requeue(delivery, due, attempt=delivery.attempt)

    def postpone(self, delivery: Delivery) -> None:
        """Redeliver a message whose work another holds; this attempt does not count."""
        due = self._clock() + self._retry.min_backoff_s
        self._requeue(delivery, due, attempt=delivery.attempt - 1)

    def _requeue(self, delivery: Delivery, due: float, *, attempt: int) -> None:
        with self._database.write() as connection:
            connection.execute(
                "UPDATE messages SET taken = 0, due = ?, attempt = ? WHERE id = ?",
                (due, attempt, delivery.id),
            )

    def release_all(self) -> None:
        """Make every taken message due again; call it when no worker is left that took one."""
        with self._database.write() as connection:
            connection.execute("UPDATE messages SET taken = 0, due = ?", (self._clock(),))

    def waiting(self) -> int:
        """How many messages are not yet acknowledged."""
        return cast("int", self._database.rows("SELECT count(*) FROM messages")[0][0])


def dead_letter(delivery: Delivery) -> Message:
    """The message as Pub/Sub forwards it: subscription and delivery count as attributes."""
    return Message(
        delivery.message.data,
        {
            **delivery.message.attributes,
            "CloudPubSubDeadLetterSourceSubscription": delivery.topic,
            "CloudPubSubDeadLetterSourceDeliveryCount": str(delivery.attempt),
        },
    )
