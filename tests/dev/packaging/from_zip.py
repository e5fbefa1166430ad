"""Runs a function's main.py from its unpacked zip, with nothing else of the repository in sight.

Called as ``python -I -S from_zip.py FOLDER SITE HIDDEN...``: what is installed is found in SITE,
but for the modules that are HIDDEN. A push on standard input is handled.
"""

import json
import sys
from importlib.machinery import PathFinder

folder, site, *hidden = sys.argv[1:]


class Installed(PathFinder):
    """The modules on the path, but for those that the zip does not ask for."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name in hidden:
            return None
        return super().find_spec(name, path, target)


sys.meta_path = [Installed if finder is PathFinder else finder for finder in sys.meta_path]
sys.path = [folder, *sys.path, site]

import main  # noqa: E402 - the path comes first

pushed = sys.stdin.read()
if pushed:
    from cloudevents.http import CloudEvent

    kind = "google.cloud.pubsub.topic.v1.messagePublished"
    main.main(CloudEvent({"type": kind, "source": "//pubsub"}, json.loads(pushed)))
