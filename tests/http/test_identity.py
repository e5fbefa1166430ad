import math
from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest
from functions_framework import _function_registry
from functions_framework.aio import create_asgi_app
from starlette.testclient import TestClient

from pipeline_lib.errors import BadSettings
from pipeline_lib.http import limits
from pipeline_lib.http.errors import RateLimited
from pipeline_lib.http.limits import Limits, Rate
from pipeline_lib.runtime import gateway
from pipeline_lib.signing import tokens
from tests.http.conftest import ROOT, SETTINGS, SOAP, TEA, Caller, client_of
from tests.http.environ import ENVIRON

READ = "/api/csv-uploads"


def refused(answer):
    return answer.status_code, answer.json()["code"]


def test_a_session_token_of_the_shop_is_believed(ask):
    assert ask("GET", READ).status_code == 200


def test_no_token_is_none(ask):
    answer = ask("GET", READ, shop=None)

    assert refused(answer) == (401, "UNAUTHORISED")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"aud": "another"}, "WRONG_AUDIENCE"),
        ({"aud": None}, "WRONG_AUDIENCE"),
        ({"key": b"another-0123456789-0123456789-0123456"}, "BAD_SIGNATURE"),
        ({"exp": None}, "BAD_TOKEN"),
        ({"exp": math.inf}, "BAD_TOKEN"),
        ({"exp": True}, "BAD_TOKEN"),
        ({"exp": "tomorrow"}, "BAD_TOKEN"),
        ({"sub": None}, "BAD_TOKEN"),
        ({"iat": None}, "BAD_TOKEN"),
        ({"nbf": None}, "BAD_TOKEN"),
        ({"jti": None}, "BAD_TOKEN"),
        ({"jti": ""}, "BAD_TOKEN"),
        ({"iss": f"https://{SOAP}/admin"}, "BAD_TOKEN"),
        ({"dest": "https://evil.example.com", "iss": "https://evil.example.com"}, "BAD_TOKEN"),
        ({"dest": f"http://{TEA}"}, "BAD_TOKEN"),
    ],
)
def test_a_token_that_is_not_sound_is_refused(ask, changed, code):
    assert refused(ask("GET", READ, token=ask.session(**changed))) == (401, code)


def test_a_clock_may_be_ten_seconds_off_and_no_more(ask, clock):
    now = clock().timestamp()

    assert ask("GET", READ, token=ask.session(exp=now - 9.9)).status_code == 200
    assert ask("GET", READ, token=ask.session(nbf=now + 9.9)).status_code == 200
    assert ask("GET", READ, token=ask.session(exp=now + 70)).status_code == 200
    assert refused(ask("GET", READ, token=ask.session(exp=now + 70.1))) == (401, "BAD_TOKEN")
    over, early = ask.session(exp=now - 10), ask.session(nbf=now + 10.1)
    assert refused(ask("GET", READ, token=over)) == (401, "TOKEN_EXPIRED")
    assert refused(ask("GET", READ, token=early)) == (401, "TOKEN_EARLY")


def test_a_token_signed_in_another_way_is_none():
    key = b"key-0123456789-0123456789-0123456789"
    good = tokens.encode_token({"a": 1}, key)
    head, body, signature = good.split(".")
    unsigned = urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")

    assert tokens.decode_token(good, key) == {"a": 1}
    assert tokens.decode_token(f"{unsigned}.{body}.", key) is None
    assert tokens.decode_token(f"{head}.{body}.{signature}x", key) is None
    assert tokens.decode_token(f"{head}.é.{signature}", key) is None
    assert tokens.decode_token("nonsense", key) is None


def test_a_token_changes_something_once_and_reads_often(ask):
    token = ask.session()

    reads = [ask("GET", READ, token=token).status_code for _ in range(3)]
    first = ask("POST", "/api/uploads", {"files": [{"csvType": "orders"}]}, token=token)
    again = ask("POST", "/api/uploads", {"files": [{"csvType": "orders"}]}, token=token)

    assert reads == [200, 200, 200]
    assert first.status_code == 201
    assert refused(again) == (401, "TOKEN_REPLAYED")


def test_a_development_token_is_believed_only_where_its_key_is(ask, stores):
    key = b"development-0123456789-0123456789"
    token = gateway.development_token(TEA, key)
    laptop = gateway.embedded_services(
        stores.ports, SETTINGS, base_url="http://localhost", development=key
    )

    with client_of(laptop) as there:
        answer = there.get(READ, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 200
    assert refused(ask("GET", READ, token=token)) == (401, "BAD_SIGNATURE")


def test_a_development_key_stops_the_start_of_what_does_not_run_on_emulators():
    environ = {**ENVIRON, "EMULATED_DEVELOPMENT_KEY": "development"}

    with pytest.raises(BadSettings, match="for the emulators alone"):
        gateway.asgi_function(environ)


def test_roles_allow_what_they_allow(ask):
    flag = "/api/admin/flags/bundling.enabled"
    change = {"value": True, "updated_by": "me"}

    assert ask.operator("GET", flag, role="viewer").status_code == 200
    assert refused(ask.operator("PUT", flag, change, role="viewer")) == (403, "FORBIDDEN")
    assert ask.operator("PUT", flag, change, role="operator").status_code == 200
    stop = {"enabled": False, "updated_by": "me"}
    assert refused(ask.operator("POST", "/api/admin/kill-switch", stop, role="operator")) == (
        403,
        "FORBIDDEN",
    )


def test_a_shops_token_is_no_operators_and_the_other_way_round(ask):
    assert refused(ask("GET", "/api/admin/flags")) == (401, "BAD_KEY")
    assert refused(ask.operator("GET", READ)) == (401, "BAD_TOKEN")


def test_only_the_clock_sweeps(ask, services):
    path = "/api/bundles/cron/cleanup-stuck-jobs"
    other = services.identities.token(
        "who@example.com", audience=SETTINGS.clock_audience, valid_s=60
    )
    elsewhere = services.identities.token(SETTINGS.clock_account, audience="https://x", valid_s=60)

    assert ask.tick(path).json() == {"cleaned": 0, "message": "Marked 0 stuck jobs as FAILED"}
    for token in (other, elsewhere, ask.session(), "x"):
        assert refused(ask("POST", path, token=token)) == (401, "BAD_TOKEN")


def test_who_asks_too_often_is_told_when_to_come_back(services, clock):
    timeless = replace(services, limits=Limits(clock=lambda: 0.0))
    with client_of(timeless) as client:
        ask = Caller(client, timeless, clock)
        answers = [ask("GET", READ) for _ in range(int(limits.READS.at_once) + 1)]
        other = ask("GET", READ, shop=SOAP)

    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert refused(answers[-1]) == (429, "RATE_LIMITED")
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert other.status_code == 200


def test_who_guesses_tokens_is_told_to_come_back_later(services, clock):
    timeless = replace(services, limits=Limits(clock=lambda: 0.0))
    with client_of(timeless) as client:
        ask, guess = Caller(client, timeless, clock), "guess"
        guesses = [
            ask("GET", READ, token=guess) for _ in range(int(limits.UNKNOWN_CALLERS.at_once) + 1)
        ]
        sound = ask("GET", READ)

    assert {answer.status_code for answer in guesses[:-1]} == {401}
    assert refused(guesses[-1]) == (429, "RATE_LIMITED")
    assert sound.status_code == 200


def test_a_bucket_fills_again():
    time = [0.0]
    bucket = Limits(clock=lambda: time[0])
    rate = Rate(per_second=2, at_once=2)

    bucket.take("a", rate)
    bucket.take("a", rate)
    with pytest.raises(RateLimited) as late:
        bucket.take("a", rate)
    time[0] += 0.5
    bucket.take("a", rate)

    assert late.value.headers == {"Retry-After": "1"}


def test_a_body_larger_than_may_be_is_refused(ask):
    body = {"files": [{"csvType": "x" * 300_000}]}

    assert refused(ask("POST", "/api/uploads", body)) == (413, "TOO_LARGE")


def test_a_body_that_is_none_is_refused(ask):
    kind = {"Content-Type": "application/json"}

    broken = ask("POST", "/api/uploads", headers=kind, content=b"{")
    latin = ask("POST", "/api/uploads", headers=kind, content=b'{"a": "\xe9"}')
    plain = ask("POST", "/api/uploads", headers={"Content-Type": "text/plain"}, content=b"{}")

    assert refused(broken) == (400, "MALFORMED")
    assert refused(latin) == (400, "MALFORMED")
    assert refused(plain) == (415, "UNSUPPORTED_TYPE")


def test_the_function_answers_as_it_is_deployed(tmp_path, monkeypatch):
    # Another entry point of this process is called main too, and is woken by events.
    monkeypatch.setattr(_function_registry, "REGISTRY_MAP", {})
    for name, value in {**ENVIRON, "PIPELINE_LOCAL_FOLDER": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    app = create_asgi_app("main", str(ROOT / "functions/api/main.py"), "http")

    with TestClient(app, base_url="http://localhost") as client:
        answer = client.get("/api/health")
        missing = client.get("/api/nothing")

    assert answer.json() == {"service": "bundlechain", "status": "ok"}
    assert missing.json()["code"] == "NO_SUCH_PATH"
