from base64 import urlsafe_b64encode

import functions_framework
import pytest

from pipeline_lib.errors import BadSettings
from pipeline_lib.http import limits
from pipeline_lib.http.app import application
from pipeline_lib.http.limits import Limits, Rate
from pipeline_lib.http.problems import TooMany
from pipeline_lib.http.settings import Settings
from pipeline_lib.runtime import gateway, wiring
from pipeline_lib.signing import tokens
from tests.http.conftest import ROOT, SETTINGS, SOAP, TEA
from tests.http.environ import ENVIRON

READ = "/api/csv-uploads"


def refused(answer):
    return answer.status_code, answer.json["code"]


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
        ({"key": b"another"}, "BAD_TOKEN"),
        ({"exp": None}, "BAD_TOKEN"),
        ({"jti": None}, "BAD_TOKEN"),
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
    over, early = ask.session(exp=now - 10), ask.session(nbf=now + 10.1)
    assert refused(ask("GET", READ, token=over)) == (401, "TOKEN_EXPIRED")
    assert refused(ask("GET", READ, token=early)) == (401, "TOKEN_EARLY")


def test_a_token_signed_in_another_way_is_none():
    good = tokens.encode_token({"a": 1}, b"key")
    head, body, signature = good.split(".")
    unsigned = urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")

    assert tokens.decode_token(good, b"key") == {"a": 1}
    assert tokens.decode_token(f"{unsigned}.{body}.", b"key") is None
    assert tokens.decode_token(f"{head}.{body}.{signature}x", b"key") is None
    assert tokens.decode_token(f"{head}.é.{signature}", b"key") is None
    assert tokens.decode_token("nonsense", b"key") is None


def test_a_token_changes_something_once_and_reads_often(ask):
    token = ask.session()

    reads = [ask("GET", READ, token=token).status_code for _ in range(3)]
    first = ask("POST", "/api/uploads", {"files": [{"csvType": "orders"}]}, token=token)
    again = ask("POST", "/api/uploads", {"files": [{"csvType": "orders"}]}, token=token)

    assert reads == [200, 200, 200]
    assert first.status_code == 201
    assert refused(again) == (401, "TOKEN_REPLAYED")


def test_a_development_token_is_believed_only_where_its_key_is(ask, world, stores):
    claims = {"iss": f"https://{TEA}/admin", "dest": f"https://{TEA}"}
    token = tokens.encode_token(claims, b"development")
    laptop = gateway.own_world(
        stores.ports, SETTINGS, base_url="http://localhost", development=b"development"
    )

    there = application(laptop).test_client()
    answer = there.get(READ, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 200
    assert refused(ask("GET", READ, token=token)) == (401, "BAD_TOKEN")


def test_a_development_key_stops_the_start_of_what_does_not_run_on_emulators():
    environ = {**ENVIRON, "EMULATED_DEVELOPMENT_KEY": "development"}

    with pytest.raises(BadSettings, match="for the emulators alone"):
        gateway.function(environ)


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


def test_only_the_clock_sweeps(ask, world):
    path = "/api/bundles/cron/cleanup-stuck-jobs"
    other = world.identities.token("who@example.com", audience=SETTINGS.clock_audience, valid_s=60)
    elsewhere = world.identities.token(SETTINGS.clock_account, audience="https://x", valid_s=60)

    assert ask.tick(path).json == {"cleaned": 0, "message": "Marked 0 stuck jobs as FAILED"}
    for token in (other, elsewhere, ask.session(), "x"):
        assert refused(ask("POST", path, token=token)) == (401, "BAD_TOKEN")


def test_who_asks_too_often_is_told_when_to_come_back(ask):
    answers = [ask("GET", READ) for _ in range(int(limits.READS.at_once) + 60)]

    late = [answer for answer in answers if answer.status_code == 429]
    assert late
    assert late[0].json["code"] == "RATE_LIMITED"
    assert int(late[0].headers["Retry-After"]) >= 1
    assert ask("GET", READ, shop=SOAP).status_code == 200


def test_a_bucket_fills_again():
    time = [0.0]
    bucket = Limits(clock=lambda: time[0])
    rate = Rate(per_second=2, at_once=2)

    bucket.take("a", rate)
    bucket.take("a", rate)
    with pytest.raises(TooMany) as late:
        bucket.take("a", rate)
    time[0] += 0.5
    bucket.take("a", rate)

    assert late.value.headers == {"Retry-After": "1"}


def test_a_body_larger_than_may_be_is_refused(ask):
    body = {"files": [{"csvType": "x" * 300_000}]}

    assert refused(ask("POST", "/api/uploads", body)) == (413, "TOO_LARGE")


def test_a_body_that_is_none_is_refused(ask):
    kind = {"Content-Type": "application/json"}

    broken = ask("POST", "/api/uploads", headers=kind, data=b"{")
    latin = ask("POST", "/api/uploads", headers=kind, data=b'{"a": "\xe9"}')
    plain = ask("POST", "/api/uploads", headers={"Content-Type": "text/plain"}, data=b"{}")

    assert refused(broken) == (400, "MALFORMED")
    assert refused(latin) == (400, "MALFORMED")
    assert refused(plain) == (415, "UNSUPPORTED_TYPE")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"BUNDLECHAIN_SHOPIFY_CLIENT_ID": ""}, "set BUNDLECHAIN_SHOPIFY_CLIENT_ID"),
        ({"BUNDLECHAIN_CORS_ORIGIN": "x"}, "nothing is called BUNDLECHAIN_CORS_ORIGIN"),
        ({"BUNDLECHAIN_CORS_ORIGINS": "*"}, "would let any page call"),
        ({"BUNDLECHAIN_ADMIN_KEY": "short"}, "16 characters"),
        ({"BUNDLECHAIN_ADMIN_KEY": ENVIRON["BUNDLECHAIN_VIEWER_KEY"]}, "the three keys differ"),
        ({"FEATURE_FLAG_V2_PIPELINE": "maybe"}, "true or false"),
        ({"FEATURE_FLAG_V2_PIPELINE": "false"}, "bundling.v2_pipeline switches nothing"),
        ({"FEATURE_FLAG_OTHER": "true"}, "nothing is called FEATURE_FLAG_OTHER"),
    ],
)
def test_an_environment_that_is_not_right_stops_the_start(changed, said):
    with pytest.raises(BadSettings, match=said):
        Settings.from_environ({**ENVIRON, **changed})


def test_the_environment_tells_all_settings():
    told = Settings.from_environ({**ENVIRON, "FEATURE_FLAG_BUNDLING_ENABLED": "0", "HOME": "/"})

    assert told.shopify_client_id == "app-key"
    assert told.overrides == {"bundling.enabled": False}
    assert "secret" not in repr(told)


def test_the_function_answers_as_it_is_deployed(tmp_path, monkeypatch):
    for name, value in {**ENVIRON, "PIPELINE_LOCAL_FOLDER": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    wiring.ports.forget()
    app = functions_framework.create_app("main", str(ROOT / "functions/api/main.py"))

    answer = app.test_client().get("/api/health", base_url="http://localhost")

    assert answer.json == {"service": "bundlechain", "status": "ok"}
    wiring.ports.forget()
