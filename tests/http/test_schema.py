import os
from dataclasses import replace
from itertools import count

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from pipeline_lib.http.app import all_routes
from pipeline_lib.http.identity import Access
from pipeline_lib.http.limits import Limits
from tests.http.conftest import KEYS, ORDERS, SETTINGS, Caller, client_of
from tests.http.schema_meanings import MAY_REFUSE_WHAT_FITS, MAY_TAKE_MORE

ANSWERED_AT_ONCE = [route for route in all_routes() if not route.path.endswith("/stream")]
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "15"))


@pytest.fixture
def unhurried(services, clock):
    """A caller of an interface that has no limits."""
    ticks = count(step=1_000)
    made = replace(
        services,
        limits=Limits(clock=lambda: float(next(ticks))),
        settings=replace(SETTINGS, trusted_hosts=("localhost", "testserver")),
    )
    with client_of(made) as client:
        yield Caller(client, made, clock)


@pytest.fixture
def described(unhurried):
    text = {"csvType": "orders", "csvData": ORDERS.decode()}
    unhurried("POST", "/api/shopify/upload", text)
    return schemathesis.openapi.from_asgi("/api/openapi.json", unhurried.client.app)


# Hypothesis compares the process's one generator before and after; a library's thread may draw
# from it meanwhile, no code of ours does.
@pytest.mark.filterwarnings(
    "ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning"
)
@pytest.mark.parametrize("route", ANSWERED_AT_ONCE, ids=lambda route: route.operation_id)
def test_whatever_is_sent_is_answered_as_documented(described, unhurried, route):
    (method,) = route.methods
    operation = described[route.path_format][method]
    left_out = [
        check
        for check, paths in (
            (positive_data_acceptance, MAY_REFUSE_WHAT_FITS),
            (negative_data_rejection, MAY_TAKE_MORE),
        )
        if route.path_format in paths
    ]
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(
        case=operation.as_strategy(generation_mode=modes[0])
        | operation.as_strategy(generation_mode=modes[1])
    )
    def check(case):
        case.call_and_validate(headers=headers(unhurried, route.access), excluded_checks=left_out)

    check()


def headers(caller, access):
    """What opens the door: a token of its own for each call."""
    if access is Access.ANYONE:
        return {}
    if access is Access.CLOCK:
        token = caller.services.identities.token(
            SETTINGS.clock_account, audience=SETTINGS.clock_audience, valid_s=60
        )
    else:
        token = caller.session() if access is Access.SHOP else KEYS["admin"].decode()
    return {"Authorization": f"Bearer {token}"}
