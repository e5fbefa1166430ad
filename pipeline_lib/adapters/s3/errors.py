"""Which errors of S3-compatible storage may pass when it is tried again."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from pipeline_lib.errors import StoreUnavailable

SERVER_ERROR = 500
AGAIN = frozenset({"ConditionalRequestConflict", "SlowDown", "Throttling", "RequestTimeout"})


@contextmanager
def translated() -> Iterator[None]:
    """Raise StoreUnavailable for what may pass; let the rest (a bug, a grant) be seen."""
    try:
        yield
    except (HTTPClientError, NoConnection) as error:
        raise StoreUnavailable(str(error)) from error
    except ClientError as error:
        if status_of(error) >= SERVER_ERROR or error.response["Error"]["Code"] in AGAIN:
            raise StoreUnavailable(str(error)) from error
        raise


def status_of(error: ClientError) -> int:
    """The status of the answer that the error tells of."""
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
