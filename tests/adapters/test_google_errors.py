import inspect

import pytest
from google.api_core import exceptions as google

from pipeline_lib.adapters.google.errors import TRANSIENT, translate_google_errors
from pipeline_lib.errors import StoreUnavailable

# What no further try mends: a bug of ours, a grant that is missing, an answer that means something.
SEEN = {
    google.AlreadyExists,
    google.AsyncRestUnsupportedParameterError,
    google.BadRequest,
    google.ClientError,
    google.Conflict,
    google.DataLoss,
    google.DuplicateCredentialArgs,
    google.FailedPrecondition,
    google.Forbidden,
    google.GoogleAPICallError,
    google.GoogleAPIError,
    google.InvalidArgument,
    google.LengthRequired,
    google.MethodNotAllowed,
    google.MethodNotImplemented,
    google.MovedPermanently,
    google.NotFound,
    google.NotModified,
    google.OutOfRange,
    google.PermissionDenied,
    google.PreconditionFailed,
    google.Redirection,
    google.RequestRangeNotSatisfiable,
    google.ServerError,
    google.TemporaryRedirect,
    google.Unauthenticated,
    google.Unauthorized,
}
ALL = [
    kind
    for kind in vars(google).values()
    if inspect.isclass(kind) and issubclass(kind, Exception) and not issubclass(kind, Warning)
]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_error_of_google_is_either_translated_or_seen_on_purpose(kind):
    assert issubclass(kind, TRANSIENT) != (kind in SEEN)


@pytest.mark.parametrize("kind", [google.ServiceUnavailable, google.DeadlineExceeded, TimeoutError])
def test_what_may_pass_is_an_unavailable_store(kind):
    with (
        pytest.raises(StoreUnavailable, match=f"{kind.__name__}: .*gone"),
        translate_google_errors(),
    ):
        raise kind("gone")


def test_what_does_not_pass_is_seen():
    with pytest.raises(google.PermissionDenied), translate_google_errors():
        raise google.PermissionDenied("no")
