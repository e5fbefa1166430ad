"""What a quick install promises on every store, when many ask at once."""

from concurrent.futures import ThreadPoolExecutor

from tests.http.conftest import ORDERS

PATH = "/api/bundles/quick-install"


def test_of_fifty_at_once_one_starts(ask, ports):
    def install(_):
        return ask("POST", PATH, files={"file": ("orders.csv", ORDERS)})

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(install, range(50)))

    refused = [answer for answer in answers if answer.status_code == 409]
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 49
    assert {answer.json()["detail"]["error"] for answer in refused} == {"ALREADY_PROCESSING"}
    assert len(ports.documents.find("uploads", {"kind": "quick_install"})) == 1
