"""What travels in messages: an upload's id and a run's number, or a landed file's name."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from pipeline_lib.errors import BadMessage


@dataclass(frozen=True)
class Message:
    """A message as every broker carries it."""

    data: bytes
    attributes: Mapping[str, str]


@dataclass(frozen=True, order=True)
class Work:
    """One run of one upload: what a phase is asked to work on."""

    upload_id: str
    run: int

    @property
    def key(self) -> str:
        """What tells this work from all other."""
        return f"{self.upload_id}.{self.run}"

    def message(self) -> Message:
        """The work as a message for the next phase."""
        return Message(json.dumps(asdict(self), sort_keys=True).encode(), {})


@dataclass(frozen=True, order=True)
class PrivacyTask:
    """What a webhook's document asks for."""

    webhook_id: str

    @property
    def key(self) -> str:
        """What tells this work from all other."""
        return self.webhook_id

    def message(self) -> Message:
        """The task as a message for the service that does it."""
        return Message(json.dumps(asdict(self)).encode(), {})


@dataclass(frozen=True)
class Landing:
    """A file is complete in the landing bucket, as its notification says."""

    name: str
    generation: str

    def message(self) -> Message:
        """The notice as Cloud Storage sends it: in the attributes."""
        return Message(
            b"{}",
            {
                "eventType": "OBJECT_FINALIZE",
                "objectId": self.name,
                "objectGeneration": self.generation,
            },
        )


def work_of(message: Message) -> Work:
    """The work that a message names.

    Raises:
        BadMessage: it names none.
    """
    try:
        fields = json.loads(message.data)
        return Work(upload_id=str(fields["upload_id"]), run=int(fields["run"]))
    except (ValueError, KeyError, TypeError) as error:
        raise BadMessage(f"no upload id and run in {message.data[:80]!r}") from error


def privacy_task_of(message: Message) -> PrivacyTask:
    """The privacy task that a message names.

    Raises:
        BadMessage: it names none.
    """
    try:
        return PrivacyTask(str(json.loads(message.data)["webhook_id"]))
    except (ValueError, KeyError, TypeError) as error:
        raise BadMessage(f"no webhook's id in {message.data[:80]!r}") from error


def landing_of(message: Message) -> Landing | None:
    """The landed file that a message tells of, or None when it is no such notice."""
    attributes = message.attributes
    if attributes.get("eventType") != "OBJECT_FINALIZE":
        return None
    return Landing(attributes["objectId"], attributes.get("objectGeneration", ""))


@dataclass(frozen=True)
class Outcome:
    """What a phase made of its work: counts of what it read and of what it kept, by name."""

    read: Mapping[str, int]
    kept: Mapping[str, int]
