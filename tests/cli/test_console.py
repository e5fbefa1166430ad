import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

from pipeline_lib.runtime import laptop
from tests.shops import cut, exports

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
SHOP = "my-shop.myshopify.com"
MINUTE_MS = 60_000


@pytest.fixture
def console(tmp_path):
    """The console of a system that runs, in a browser; its faults are found in ``faults``."""
    if CHROMIUM is None:
        pytest.skip("NOT TESTED: the console needs chromium (apt-get install chromium)")
    with (
        laptop.serve_folder(tmp_path, port=0, shop=SHOP) as there,
        sync_playwright() as drivers,
        drivers.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]) as browser,
    ):
        page = browser.new_page()
        page.set_default_timeout(MINUTE_MS)
        expect.set_options(timeout=MINUTE_MS)
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("console", lambda said: said.type == "error" and page.faults.append(said.text))
        page.address = f"{there.url}/console"
        page.goto(f"{page.address}#token={there.token}")
        yield page


def chosen(name, data):
    return {"name": name, "mimeType": "text/csv", "buffer": data}


def test_a_merchant_sends_files_watches_the_run_and_approves_a_bundle(console):
    orders = chosen("what-i-sold.csv", cut(exports()["orders"], 2_000))
    console.set_input_files("#files", [orders, chosen("my things.csv", exports()["products"])])
    console.click("#send")

    expect(console.locator("#percent")).to_have_text("100 %")
    expect(console.locator("#phases li.done")).to_have_count(11)
    expect(console.locator("#count")).to_contain_text("24 of")
    console.click("article >> nth=0 >> text=Approve")
    expect(console.locator("article").first).to_have_class("approved")
    console.select_option("[name=status]", "approved")
    expect(console.locator("#count")).to_have_text("1 of 1")
    assert console.faults == []


def test_the_token_stays_in_no_history_and_is_kept_for_the_tab(console):
    expect(console.locator("#shop")).to_have_text(SHOP)
    address = console.url

    console.reload()

    assert address == console.address
    expect(console.locator("#shop")).to_have_text(SHOP)
    assert console.faults == []


def test_the_page_fits_a_phone_and_is_worked_by_keyboard_alone(console):
    console.set_viewport_size({"width": 375, "height": 700})
    orders = chosen("what-i-sold.csv", cut(exports()["orders"], 2_000))
    console.set_input_files("#files", [orders, chosen("my things.csv", exports()["products"])])
    console.focus("#send")
    console.keyboard.press("Enter")
    expect(console.locator("#count")).to_contain_text("24 of")
    expect(console.locator("#cancel")).to_be_hidden()

    assert console.evaluate("document.documentElement.scrollWidth") <= 375
    console.focus("#runs tbody tr")
    console.keyboard.press("Tab")
    assert console.evaluate("document.activeElement.tagName") != "TR"
    approve = console.locator("article").first.get_by_role("button", name="Approve")
    approve.focus()
    console.keyboard.press("Enter")
    expect(console.locator("article").first).to_have_class("approved")
    expect(approve).to_be_focused()


def test_a_file_that_is_no_export_is_refused_in_words_and_a_name_is_never_markup(console):
    console.set_input_files("#files", [chosen("<img src=x onerror=alert(1)>.csv", b"a,b\n1,2\n")])
    console.click("#send")

    expect(console.locator("#trouble")).not_to_be_empty()
    assert console.locator("img").count() == 0
    assert "onerror" in console.locator("#chosen").inner_text()
