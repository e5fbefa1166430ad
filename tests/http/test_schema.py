import os
from itertools import count

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from pipeline_lib.http.app import application
from pipeline_lib.http.identity import Access
from pipeline_lib.http.limits import Limits
from pipeline_lib.http.rows import rows
from pipeline_lib.runtime import gateway
from tests.http.conftest import KEYS, ORDERS, SETTINGS, Caller

ANSWERED_AT_ONCE = [row for row in rows() if row.answers != "text/event-stream"]
MEANINGS = [  # a cursor, or a CSV file, means more than a schema says; a query may hold more
    positive_data_acceptance,
    negative_data_rejection,
]
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "15"))


@pytest.fixture
def unhurried(stores, clock):
    """A caller of an interface that has no limits."""
    ticks = count(step=1_000)
    made = gateway.own_world(stores.ports, SETTINGS, base_url="http://localhost", clock=clock)
    world = type(made)(**{**vars(made), "limits": Limits(clock=lambda: float(next(ticks)))})
    return Caller(application(world), world, clock)


@pytest.fixture
def described(unhurried):
    text = {"csvType": "orders", "csvData": ORDERS.decode()}
    unhurried("POST", "/api/shopify/upload", text)
    return schemathesis.openapi.from_wsgi("/api/openapi.json", unhurried.app)


@pytest.mark.parametrize("row", ANSWERED_AT_ONCE, ids=lambda row: row.name)
def test_whatever_is_sent_is_answered_as_documented(described, unhurried, row):
    operation = described[row.path][row.method]
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(
        case=operation.as_strategy(generation_mode=modes[0])
        | operation.as_strategy(generation_mode=modes[1])
    )
    def check(case):
        case.call_and_validate(headers=headers(unhurried, row.access), excluded_checks=MEANINGS)

    check()


def headers(caller, access):
    """What opens the door: a token of its own for each call."""
    if access is Access.ANYONE:
        return {}
    if access is Access.CLOCK:
        token = caller.world.identities.token(
            SETTINGS.clock_account, audience=SETTINGS.clock_audience, valid_s=60
        )
    else:
        token = caller.session() if access is Access.SHOP else KEYS["admin"].decode()
    return {"Authorization": f"Bearer {token}"}
