"""Secrets that Cloud Run puts into the environment from Secret Manager."""

from collections.abc import Mapping

from pipeline_lib.errors import StoreUnavailable


class EnvironSecrets:
    """The secret ``key`` is the variable ``KEY`` of ``environ``, after the project's prefix."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def read(self, name: str) -> bytes:
        variable = f"BUNDLECHAIN_{name.upper()}"
        value = self._environ.get(variable, "").strip()
        if not value:
            raise StoreUnavailable(f"the secret {variable} is not set")
        return value.encode()
