"""Which of Google's errors are transient, raised as StoreUnavailable."""

from collections.abc import Iterator
from concurrent.futures import TimeoutError as NoAnswer
from contextlib import contextmanager

from google.api_core import exceptions as google
from google.auth.exceptions import TransportError
from requests import exceptions as http

from pipeline_lib.errors import StoreUnavailable

TRANSIENT: tuple[type[Exception], ...] = (
    google.Aborted,
    google.BadGateway,
    google.Cancelled,
    google.GatewayTimeout,
    google.InternalServerError,
    google.ResumableTransferError,
    google.ResumeIncomplete,
    google.RetryError,
    google.ServiceUnavailable,
    google.TooManyRequests,
    google.Unknown,
    TransportError,
    http.ChunkedEncodingError,
    http.ConnectionError,
    http.Timeout,
    NoAnswer,
)


@contextmanager
def translate_google_errors() -> Iterator[None]:
    """Raise StoreUnavailable for transient errors; let bugs and missing grants through."""
    try:
        yield
    except TRANSIENT as error:
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error
