"""Starts Firebase's own web SDK, in Node or in a browser, and hears what its listeners are told."""

import json
import os
import shutil
import signal
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from urllib.parse import quote, urlsplit

import pytest

FOLDER = Path(__file__).parent
SDK = FOLDER / "node_modules/firebase"
CDN = "https://www.gstatic.com/firebasejs/"
NODE, NPM, CHROMIUM = (shutil.which(name) for name in ("node", "npm", "chromium"))
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions")


def installed():
    """The SDK is there; or the test is skipped, or fails where all must be tested."""
    if NODE is None or NPM is None:
        left_out("the listeners need node 20 or newer, with npm")
    lock = FOLDER / "node_modules/.package-lock.json"
    if not lock.exists() or lock.stat().st_mtime < (FOLDER / "package-lock.json").stat().st_mtime:
        subprocess.run(
            [NPM, "ci", "--ignore-scripts", "--no-progress"],
            cwd=FOLDER,
            check=True,
            capture_output=True,
        )
        lock.touch()


def left_out(reason):
    if os.environ.get("CI"):
        pytest.fail(f"CI tests the listeners: {reason}")
    pytest.skip(f"NOT TESTED: {reason}")


class Told(dict):
    """What each listener is told, a queue for each name."""

    def hear(self, text):
        said = json.loads(text)
        self[said.pop("who")].put(said)


@contextmanager
def in_node(asked, folder):
    """Listeners in Node, each asking for its own; gives what they are told."""
    installed()
    told = Told({who: SimpleQueue() for who in asked})
    command = [NODE, "node.js", json.dumps(asked)]
    with subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.PIPE, text=True) as process:
        reader = threading.Thread(target=lambda: [told.hear(line) for line in process.stdout])
        reader.start()
        try:
            yield told
        finally:
            process.kill()
            reader.join()


@contextmanager
def in_browser(asked, folder):
    """Listeners in Chromium, whose profile lies in ``folder``; gives what they are told."""
    installed()
    if CHROMIUM is None:
        pytest.skip("NOT TESTED: a listener in a browser needs chromium (apt-get install chromium)")
    told = Told({who: SimpleQueue() for who in asked})
    with serving(told) as origin:
        page = f"{origin}/page.html#{quote(json.dumps(asked))}"
        command = [CHROMIUM, *FLAGS, f"--user-data-dir={folder / 'profile'}", page]
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as browser:
            try:
                yield told
            finally:
                os.killpg(browser.pid, signal.SIGKILL)


@contextmanager
def serving(told):
    """The page and the SDK, which names its own parts by where Google serves them."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            name = urlsplit(self.path).path.strip("/")
            file = next((at / name for at in (FOLDER, SDK) if (at / name).is_file()), None)
            if file is None:
                self.send_error(404)
                return
            text = file.read_text()
            start = text.find(CDN)
            if start >= 0:
                version = text[start : text.index("firebase-app.js", start)]
                text = text.replace(version, "/")
            self.answer(text.encode(), "text/html" if name.endswith(".html") else "text/javascript")

        def do_POST(self):
            told.hear(self.rfile.read(int(self.headers["Content-Length"])))
            self.answer(b"", "text/plain")

        def answer(self, body, kind):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
