"""Tells schemathesis who it is at each endpoint; loaded by its command, as SCHEMATHESIS_HOOKS."""

import os
from datetime import UTC, datetime

import schemathesis

from pipeline_lib.adapters.local.signing import LocalIdentities

CRON = "/api/bundles/cron/"


@schemathesis.auth()
class Bearer:
    """A shop's token, an operator's key, or a token as the clock's."""

    def get(self, case, context):
        path = context.operation.path
        if path.startswith(CRON):
            key = bytes.fromhex(os.environ["SCHEMA_CLOCK_KEY"])
            identities = LocalIdentities(key, lambda: datetime.now(UTC))
            return identities.token("clock@laptop", audience=os.environ["SCHEMA_URL"], valid_s=60)
        return os.environ["SCHEMA_KEY" if path.startswith("/api/admin") else "SCHEMA_TOKEN"]

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"
