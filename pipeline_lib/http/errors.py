"""Why a call is refused: the branch of the tree of errors that only callers meet."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pipeline_lib.errors import PipelineError

# Refusal
# ├── Malformed            the body is not what its content type says
# │   ├── BadFileSize      a file is empty, or larger than its address allows
# │   └── InvalidFile      a quick install got no CSV file
# ├── Unauthorised         who calls is not known
# │   ├── BadToken         the token is none of ours
# │   ├── BadTokenSignature    another key signed it
# │   ├── TokenExpired     its time is over
# │   ├── TokenNotYetValid its time has not come
# │   ├── WrongAudience    it was made for another app
# │   ├── TokenReplayed    it has changed something before
# │   ├── BadKey           an operator's key that is none
# │   └── BadWebhookSignature  a webhook that Shopify did not sign
# ├── Forbidden            the caller is known and may not do this
# │   ├── BadAddress       an address was not signed as it is
# │   └── AddressExpired   an address is used after its time
# ├── NotFound             there is no such thing, or it is another shop's
# │   ├── HostNotFound     the request is for another host
# │   ├── PathNotFound     nothing is served there
# │   └── ShopNotFound     another shop is named besides
# ├── MethodNotAllowed     the path is for other methods
# ├── Conflict             it cannot be done as things are
# │   ├── NoFiles          no file has arrived yet
# │   ├── FileExists       another file was sent there before
# │   ├── RunBegun         the run has begun without the file
# │   ├── RunOver          the run has ended
# │   ├── NothingToResume  the run did not fail, or its files are gone
# │   ├── TooEarly         the orders have not been read yet
# │   ├── TooManyRules     the thresholds are too low
# │   ├── AlreadyRejected  the shop has rejected the recommendation
# │   ├── AlreadyProcessing    a quick install is under way
# │   └── AlreadyCompleted the last quick install was not long ago
# ├── TooLarge             the body is larger than may be
# ├── UnsupportedType      the body has a type that is not taken here
# ├── Invalid              a field is missing or has no possible value
# │   ├── BadCursor        a cursor is none of ours
# │   ├── SameTypeTwice    two files of one type are declared
# │   ├── FileMissing      a form has no file
# │   ├── UnknownExport    a file is no export that is known
# │   └── UnclearShop      a webhook's body and headers name no one shop
# ├── RateLimited          the caller asks too often
# └── Unavailable          nothing can be begun just now
#     └── Paused           an operator has stopped everything


class Refusal(PipelineError):
    """Base of all the above; ``sentence`` is told where nothing more can be said.

    ``detail`` is a documented object or text, ``fields`` are those that cannot be taken,
    ``headers`` go with the answer.
    """

    retriable = False
    sentence: ClassVar[str] = "The call is refused"

    def __init__(
        self,
        message: str | None = None,
        *,
        detail: object = None,
        fields: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message or self.sentence)
        self.detail = detail
        self.fields = fields
        self.headers = dict(headers or {})


class Malformed(Refusal):
    """The body is not what its content type says."""

    code, sentence = "MALFORMED", "The body cannot be read"


class BadFileSize(Malformed):
    """The file is empty, or larger than its address allows."""

    code = "BAD_SIZE"


class InvalidFile(Malformed):
    """The file is no CSV export."""

    code, sentence = "INVALID_FILE", "Invalid file: CSV file required"

    def __init__(self) -> None:
        super().__init__(detail=self.sentence)


class Unauthorised(Refusal):
    """Who calls is not known."""

    code, sentence = "UNAUTHORISED", "Send a valid token: Authorization: Bearer …"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, headers={"WWW-Authenticate": "Bearer"})


class BadToken(Unauthorised):
    """The token is none of ours."""

    code, sentence = "BAD_TOKEN", "This is not a token of a shop"


class BadTokenSignature(Unauthorised):
    """The token was signed with another key."""

    code, sentence = "BAD_SIGNATURE", "The token was not signed with the app's secret"


class TokenExpired(Unauthorised):
    """The token has expired."""

    code, sentence = "TOKEN_EXPIRED", "The token has expired; get a new one"


class TokenNotYetValid(Unauthorised):
    """The token is not valid yet."""

    code, sentence = "TOKEN_EARLY", "The token is not valid yet; check the clock that made it"


class WrongAudience(Unauthorised):
    """The token was made for another app."""

    code, sentence = "WRONG_AUDIENCE", "The token was made for another app"


class TokenReplayed(Unauthorised):
    """The token has changed something before."""

    code = "TOKEN_REPLAYED"
    sentence = "This token was used before; get a new one for each change"


class BadKey(Unauthorised):
    """The key is no operator's."""

    code, sentence = "BAD_KEY", "This is not an operator's key"


class BadWebhookSignature(Unauthorised):
    """The signature is missing, or another body's."""

    code, sentence = "BAD_SIGNATURE", "The signature is not the body's"


class Forbidden(Refusal):
    """The caller's role is too low."""

    code, sentence = "FORBIDDEN", "Your key's role does not allow this"


class BadAddress(Forbidden):
    """The address was not signed as it is."""

    code, sentence = "BAD_SIGNATURE", "The address was not signed as it is"


class AddressExpired(Forbidden):
    """The address has expired."""

    code, sentence = "EXPIRED_URL", "The address has expired; ask for another"


class NotFound(Refusal):
    """There is no such thing, or it is another shop's, which is not told."""

    code, sentence = "NOT_FOUND", "There is no such thing"


class HostNotFound(NotFound):
    """The request is for another host."""

    code = "NO_SUCH_HOST"


class PathNotFound(NotFound):
    """Nothing is served there."""

    code = "NO_SUCH_PATH"


class ShopNotFound(NotFound):
    """Another shop is named besides the one that calls."""

    code = "SHOP_NOT_FOUND"


class MethodNotAllowed(Refusal):
    """The path is for other methods."""

    code, sentence = "METHOD_NOT_ALLOWED", "This path does not take that method"


class Conflict(Refusal):
    """It cannot be done as things are."""

    code, sentence = "CONFLICT", "That cannot be done as things are"


class NoFiles(Conflict):
    """No file has arrived yet."""

    code, sentence = "NO_FILES", "No file has arrived yet; send one first"


class FileExists(Conflict):
    """Another file was sent there before."""

    code, sentence = "FILE_EXISTS", "Another file was sent there before"


class RunBegun(Conflict):
    """The run has begun without the file."""

    code, sentence = "RUN_BEGUN", "The run has begun; send the file with another runId"


class RunOver(Conflict):
    """The run has ended."""

    code = "RUN_OVER"


class NothingToResume(Conflict):
    """The run did not fail, or its files are gone."""

    code = "NOTHING_TO_RESUME"


class TooEarly(Conflict):
    """The orders have not been read yet."""

    code = "TOO_EARLY"
    sentence = "The orders have not been read yet; generate bundles first"


class TooManyRules(Conflict):
    """The thresholds let too many rules through."""

    code, sentence = "TOO_MANY_RULES", "There are too many rules; raise min_support"


class AlreadyRejected(Conflict):
    """The shop has rejected the recommendation."""

    code, sentence = "REJECTED", "You have rejected this recommendation"


class AlreadyProcessing(Conflict):
    """A quick install of the shop is under way."""

    code = "ALREADY_PROCESSING"


class AlreadyCompleted(Conflict):
    """The shop's last quick install was not long ago."""

    code = "ALREADY_COMPLETED"


class TooLarge(Refusal):
    """The body is larger than may be."""

    code, sentence = "TOO_LARGE", "The body is too large; send files to a signed URL"


class UnsupportedType(Refusal):
    """The body has a type that is not taken here."""

    code, sentence = "UNSUPPORTED_TYPE", "Send a body of another content type"


class Invalid(Refusal):
    """A field is missing or has no possible value."""

    code, sentence = "INVALID", "A field is missing or cannot be taken as it is"


class BadCursor(Invalid):
    """The cursor is none of ours, or of another order."""

    code, sentence = "BAD_CURSOR", "cursor: it is not one that a page gave"


class SameTypeTwice(Invalid):
    """Two files of one type are declared."""

    code, sentence = "SAME_TYPE_TWICE", "files: two are of one type"


class FileMissing(Invalid):
    """The form has no file."""

    code, sentence = "NO_FILE", "file: send a CSV file"


class UnknownExport(Invalid):
    """The file is no export that is known."""

    code = "BAD_EXPORT"


class UnclearShop(Invalid):
    """The body and the headers name no one shop."""

    code, sentence = "BAD_SHOP", "The body and the headers name no one shop"


class RateLimited(Refusal):
    """The caller asks too often."""

    code, sentence = "RATE_LIMITED", "Too many requests; please wait a moment"

    def __init__(self, *, wait_s: int = 1) -> None:
        super().__init__(headers={"Retry-After": str(wait_s)})


class Unavailable(Refusal):
    """Nothing can be begun just now."""

    code, sentence = "UNAVAILABLE", "The service is not available; please try again soon"


class Paused(Unavailable):
    """An operator has stopped everything."""

    code = "PAUSED"
    sentence = "Bundle generation is paused for maintenance; nothing is lost, please come back soon"

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "60"})
