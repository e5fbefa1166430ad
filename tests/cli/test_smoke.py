import time

import pytest

from dev.emulators.processes import free_ports
from pipeline_lib.cli import smoke
from pipeline_lib.cli.main import main
from pipeline_lib.runtime import laptop

SHOP = "my-shop.myshopify.com"


@pytest.fixture
def there(tmp_path):
    with laptop.serve_folder(tmp_path, port=0, shop=SHOP) as there:
        yield there


def test_a_system_that_works_sends_bundles_back(there, capsys):
    assert main(["smoke", "--url", there.url, "--token", there.token]) == 0

    told = capsys.readouterr().out.split()
    assert int(told[0]) > 10
    assert told[1:3] == ["bundles", "of"]


def test_a_run_that_takes_too_long_is_told_with_where_it_is(there, capsys):
    assert main(["smoke", "--url", there.url, "--token", there.token, "--within", "0"]) == 3

    assert "did not finish in time: it is at " in capsys.readouterr().err


def test_a_call_that_is_refused_is_told_with_its_reason(there, capsys):
    assert main(["smoke", "--url", there.url, "--token", "no.such.token"]) == 3

    told = capsys.readouterr().err
    assert told.startswith("bundles: POST /api/uploads answered 401: ")
    assert len(told.splitlines()) == 1


def test_a_run_that_fails_is_told_with_its_reason(there):
    app = smoke.ShopApp(there.url, there.token, SHOP, {})
    upload_id = smoke.upload_orders(app, b"Name,Color\n1,2\n3,4\n")

    with pytest.raises(smoke.SmokeFailed, match=f"the run of {upload_id} failed: "):
        smoke.wait_until_complete(app, upload_id, until=time.monotonic() + 60)


def test_where_nobody_listens_it_says_so(capsys):
    (port,) = free_ports(1)
    assert main(["smoke", "--url", f"http://127.0.0.1:{port}", "--token", "t"]) == 3

    assert " does not answer: " in capsys.readouterr().err


def test_without_a_token_and_without_a_secret_it_says_what_to_set(there, capsys, monkeypatch):
    monkeypatch.delenv("BUNDLECHAIN_SHOPIFY_CLIENT_SECRET", raising=False)
    monkeypatch.setenv("BUNDLECHAIN_SHOPIFY_CLIENT_ID", "laptop")

    assert main(["smoke", "--url", there.url]) == 3

    assert "set BUNDLECHAIN_SHOPIFY_CLIENT_SECRET" in capsys.readouterr().err
