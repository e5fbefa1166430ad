"""Who signs in the project's name, and the tokens that it signs; opened where one is asked for."""

import google.auth
from google.auth.credentials import Signing
from google.auth.transport.requests import Request

from pipeline_lib.adapters.google.signing import FirebaseListeners, KeylessSigning

CLOUD = "https://www.googleapis.com/auth/cloud-platform"


def signing() -> Signing:
    """The process's own account: by its key, or by IAM where it has none."""
    credentials, _ = google.auth.default(scopes=[CLOUD])
    return (
        credentials if isinstance(credentials, Signing) else KeylessSigning(credentials, Request())
    )


def listeners() -> FirebaseListeners:
    """Tokens with which clients sign in to the project's Firebase."""
    return FirebaseListeners(signing())
