"""The port that lets a client without an account listen to one upload; no implementation."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol


@dataclass(frozen=True)
class Listening:
    """How a client without an account listens to one upload; the token opens nothing else.

    On ``firestore`` it signs in with the token and listens to the document at ``path``; on
    ``events`` it opens the event stream at ``path``, which holds the token.
    """

    token: str
    channel: Literal["firestore", "events"]
    path: str
    expires_at: datetime


class Listeners(Protocol):
    """Tokens for clients that listen to an upload's progress."""

    def admit(self, *, shop_id: str, upload_id: str, now: datetime, valid: timedelta) -> Listening:
        """How to listen to that upload of the shop; ``valid`` is an hour at the most.

        Raises:
            StoreUnavailable: who signs did not answer.
        """
        ...
