"""What can go wrong, and whether trying again helps; no handling of any of it."""

from typing import ClassVar

# PipelineError
# ├── Rejected            the input can never succeed: final, told to the shop
# │   ├── BadExport       a file that cannot be read as what it should be
# │   ├── TooLittleEvidence   readable, but nothing can be said from it
# │   ├── PhaseOff        an operator has switched off what it needs
# │   ├── BadMessage      a message that is none of ours
# │   └── NothingToRedrive    a run that did not fail
# ├── Stopped             the run ended elsewhere: final, nothing to tell
# │   ├── Cancelled       somebody asked for it
# │   └── Superseded      another worker holds the lease now
# ├── NotNow              a run that can not begin yet
# │   ├── ShopBusy        another of the shop's uploads is being worked on
# │   └── SwitchedOff     an operator has switched it off for the shop
# ├── LeaseHeld           another worker is at it: come back later
# │   └── RunUnderWay     a run of the shop must end first
# ├── MissingArtefact     what an earlier phase kept is not there (yet)
# ├── BadArtefact         what a phase keeps, or kept, is not what it should be
# ├── StoreUnavailable    a store or broker did not answer
# └── BadSettings         the environment does not say what it must


class PipelineError(Exception):
    """Base of all the above; ``retriable`` decides between redelivery and refusal."""

    retriable: ClassVar[bool] = True
    code: ClassVar[str] = "INTERNAL"


class Rejected(PipelineError):
    """The input can never succeed, however often it is delivered."""

    retriable = False
    code = "REJECTED"


class BadExport(Rejected):
    """A shop's file lacks a column, or holds a value, that the pipeline needs."""

    code = "BAD_EXPORT"

    def __init__(self, file: str, problem: str, row: int | None = None) -> None:
        at = file if row is None else f"{file}, row {row}"
        super().__init__(f"{at}: {problem}")
        self.file = file
        self.row = row


class TooLittleEvidence(Rejected):
    """The exports are sound, but hold nothing that a bundle could rest on."""

    code = "TOO_LITTLE_EVIDENCE"


class PhaseOff(Rejected):
    """An operator has switched off a phase without which there is no result."""

    code = "PHASE_OFF"


class BadMessage(Rejected):
    """A message names no upload, or one that does not exist."""

    code = "BAD_MESSAGE"


class NothingToRedrive(Rejected):
    """A run that did not fail can not be set going again."""

    code = "NOTHING_TO_REDRIVE"


class Stopped(PipelineError):
    """The run needs this worker no longer; its result is dropped."""

    retriable = False
    code = "STOPPED"


class Cancelled(Stopped):
    """Somebody asked for the run to end."""

    code = "CANCELLED"


class Superseded(Stopped):
    """The lease ran out and another worker took it: a zombie's write is refused."""

    code = "SUPERSEDED"


class NotNow(PipelineError):
    """A run can not begin as things are; it can later."""


class ShopBusy(NotNow):
    """Another upload of the shop is being worked on: a shop has one run at a time."""

    code = "SHOP_BUSY"


class SwitchedOff(NotNow):
    """An operator has switched it off for the shop."""

    code = "BUNDLING_DISABLED"


class LeaseHeld(PipelineError):
    """Another worker holds the lease of this piece of work."""

    code = "LEASE_HELD"


class RunUnderWay(LeaseHeld):
    """What is asked for can only be done between runs, and the shop has one under way."""

    code = "RUN_UNDER_WAY"


class MissingArtefact(PipelineError):
    """An artefact that an earlier phase keeps is not in the store."""

    code = "MISSING_ARTEFACT"


class BadArtefact(PipelineError):
    """An artefact is not as its handle says: a fault of ours, which no retry mends."""

    retriable = False
    code = "BAD_ARTEFACT"

    def __init__(self, artefact: str, problem: str) -> None:
        super().__init__(f"{artefact}: {problem}")
        self.artefact = artefact


class StoreUnavailable(PipelineError):
    """A store or a broker did not answer."""

    code = "STORE_UNAVAILABLE"


class BadSettings(PipelineError):
    """The environment does not say, in one way, what it must; somebody may mend it."""

    code = "BAD_SETTINGS"
