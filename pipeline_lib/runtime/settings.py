"""Every environment variable, read once; nothing else reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pipeline_lib.errors import BadSettings
from pipeline_lib.http.settings import InterfaceSettings
from pipeline_lib.ports import USUAL_LIMITS, Limits
from pipeline_lib.records.flags import check_flag
from pipeline_lib.runtime.unused_settings import DEPLOYED, UNUSED, UNUSED_WHERE_DEPLOYED

FOLDER, PROJECT = "PIPELINE_LOCAL_FOLDER", "BUNDLECHAIN_PROJECT"
UPLOADS, ARTEFACTS = "BUNDLECHAIN_UPLOADS_BUCKET", "BUNDLECHAIN_ARTEFACTS_BUCKET"
CUSTOMER_KEY = "BUNDLECHAIN_CUSTOMER_KEY"  # a secret, which is read where it is used
S3_BUCKET, S3_ENDPOINT, S3_REGION = (
    "BUNDLECHAIN_S3_BUCKET",
    "BUNDLECHAIN_S3_ENDPOINT",
    "BUNDLECHAIN_S3_REGION",
)
CLIENT_ID, CLIENT_SECRET = "BUNDLECHAIN_SHOPIFY_CLIENT_ID", "BUNDLECHAIN_SHOPIFY_CLIENT_SECRET"
ROLES = {
    "viewer": "BUNDLECHAIN_VIEWER_KEY",
    "operator": "BUNDLECHAIN_OPERATOR_KEY",
    "admin": "BUNDLECHAIN_ADMIN_KEY",
}
ORIGINS, HOSTS = "BUNDLECHAIN_CORS_ORIGINS", "BUNDLECHAIN_TRUSTED_HOSTS"
CLOCK_ACCOUNT, CLOCK_AUDIENCE = "BUNDLECHAIN_CLOCK_ACCOUNT", "BUNDLECHAIN_CLOCK_AUDIENCE"
INTERFACE = (
    CLIENT_ID,
    CLIENT_SECRET,
    *ROLES.values(),
    ORIGINS,
    HOSTS,
    CLOCK_ACCOUNT,
    CLOCK_AUDIENCE,
)
DEVELOPMENT_KEY, EMULATOR = "EMULATED_DEVELOPMENT_KEY", "FIRESTORE_EMULATOR_HOST"

LOG_LEVEL, WORKERS = "LOG_LEVEL", "ASYNC_PIPELINE_CONCURRENCY"
QUICK_START, QUICK_START_TIMEOUT = "QUICK_START_ENABLED", "QUICK_START_TIMEOUT_SECONDS"
QUICK_START_PRODUCTS, QUICK_START_BUNDLES = "QUICK_START_MAX_PRODUCTS", "QUICK_START_MAX_BUNDLES"
COOLDOWN, PROCESSING = "QUICK_INSTALL_COOLDOWN_DAYS", "PROCESSING_TIMEOUT_MINUTES"
FLAGS = {
    "FEATURE_FLAG_BUNDLING_ENABLED": "bundling.enabled",
    "FEATURE_FLAG_V2_PIPELINE": "bundling.v2_pipeline",
    "FEATURE_FLAG_PARETO_OPTIMIZATION": "advanced.pareto_optimization",
    "ENTERPRISE_OPTIMIZATION_ENABLED": "phase.enterprise_optimization",
    "STAGED_PUBLISH_ENABLED": "bundling.staged_publish_enabled",
}
KNOWN = {
    *(PROJECT, UPLOADS, ARTEFACTS, CUSTOMER_KEY, S3_BUCKET, S3_ENDPOINT, S3_REGION, *INTERFACE),
    *(QUICK_START, QUICK_START_TIMEOUT, QUICK_START_PRODUCTS, QUICK_START_BUNDLES, COOLDOWN),
    *FLAGS,
}
OURS = ("BUNDLECHAIN_", "FEATURE_FLAG_", "QUICK_START_", "QUICK_INSTALL_", "BUNDLE_GENERATION_")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
TRUTHS = {"true": True, "1": True, "false": False, "0": False}
LEAST_KEY = 16  # characters of an operator's key


@dataclass(frozen=True)
class InFolder:
    """The environment asks for the embedded stores of a folder."""

    folder: Path


@dataclass(frozen=True)
class InProject:
    """The environment asks for the stores of a Google Cloud project."""

    project: str
    uploads_bucket: str
    artefacts_bucket: str


@dataclass(frozen=True)
class S3Bucket:
    """A bucket, and where it is when it is not Amazon's; the keys are in boto3's own places."""

    bucket: str
    endpoint: str | None
    region: str | None


@dataclass(frozen=True)
class Settings:
    """What the environment says to everything that runs; what it does not say has a default.

    ``stores`` is None where it names none, as on a laptop, where a command's folder is used.
    ``workers`` are the embedded chain's threads, ``overrides`` the flags that are fixed.
    """

    stores: InFolder | InProject | None = None
    s3: S3Bucket | None = None
    limits: Limits = USUAL_LIMITS
    quick_install_cooldown: timedelta = timedelta(days=30)
    workers: int = 2
    log_level: str = "INFO"
    overrides: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """The settings that the environment holds.

        Raises:
            BadSettings: one is not used, unknown, contradicts another, or has no possible value.
        """
        _refuse_names(environ)
        return cls(
            stores=_stores(environ),
            s3=_s3(environ),
            limits=_limits(environ),
            quick_install_cooldown=timedelta(days=_cooldown_days(environ)),
            workers=_whole(environ, WORKERS, default=2, least=1, most=32),
            log_level=_level(environ),
            overrides=_overrides(environ),
        )


def process_settings() -> Settings:
    """The settings of this process.

    Raises:
        BadSettings: as ``Settings.from_environ``.
    """
    return Settings.from_environ(os.environ)


def process_environ() -> Mapping[str, str]:
    """What this process was started with, for who looks a secret up by its name."""
    return os.environ


def interface_settings(environ: Mapping[str, str]) -> InterfaceSettings:
    """What the interface is told besides.

    Raises:
        BadSettings: something is missing, or has no possible value.
    """
    missing = [name for name in INTERFACE if not environ.get(name, "").strip()]
    if missing:
        raise BadSettings(f"set {', '.join(missing)}: the interface cannot start without")
    if "*" in _listed(environ[ORIGINS]):
        raise BadSettings(f"{ORIGINS} names whole origins: * would let any page call")
    keys = {role: environ[name].strip().encode() for role, name in ROLES.items()}
    if len({*keys.values()}) < len(keys) or min(map(len, keys.values())) < LEAST_KEY:
        raise BadSettings(f"the three keys differ and have {LEAST_KEY} characters or more")
    return InterfaceSettings(
        shopify_client_id=environ[CLIENT_ID],
        shopify_client_secret=environ[CLIENT_SECRET].encode(),
        keys=keys,
        cors_origins=_listed(environ[ORIGINS]),
        trusted_hosts=_listed(environ[HOSTS]),
        clock_account=environ[CLOCK_ACCOUNT],
        clock_audience=environ[CLOCK_AUDIENCE],
        cooldown_days=_cooldown_days(environ),
        overrides=_overrides(environ),
    )


def development_key(environ: Mapping[str, str]) -> bytes | None:
    """The key of development's tokens; None where there is none.

    Raises:
        BadSettings: the documents are not an emulator's.
    """
    key = environ.get(DEVELOPMENT_KEY)
    if key is not None and EMULATOR not in environ:
        raise BadSettings(f"{DEVELOPMENT_KEY} is for the emulators alone: remove it")
    return None if key is None else key.encode()


def _refuse_names(environ: Mapping[str, str]) -> None:
    unused = {**UNUSED, **(UNUSED_WHERE_DEPLOYED if DEPLOYED in environ else {})}
    for name in sorted({*environ} & {*unused}):
        raise BadSettings(f"{name} is not used: {unused[name]}; remove it")
    if PROJECT in environ and WORKERS in environ:
        raise BadSettings(
            f"{WORKERS} is for the embedded chain; how many instances a deployed function has is"
            " said by max_instances in topology.json; remove it"
        )
    unknown = sorted(name for name in environ if name.startswith(OURS) and name not in KNOWN)
    if unknown:
        raise BadSettings(f"nothing is called {', '.join(unknown)}: correct or remove it")


def _stores(environ: Mapping[str, str]) -> InFolder | InProject | None:
    if FOLDER in environ and PROJECT in environ:
        raise BadSettings(f"{FOLDER} and {PROJECT} are both set: remove one")
    if FOLDER in environ:
        return InFolder(Path(environ[FOLDER]))
    if PROJECT not in environ:
        return None
    missing = [name for name in (UPLOADS, ARTEFACTS) if name not in environ]
    if missing:
        raise BadSettings(f"{PROJECT} is set, but not {' and '.join(missing)}")
    return InProject(environ[PROJECT], environ[UPLOADS], environ[ARTEFACTS])


def _s3(environ: Mapping[str, str]) -> S3Bucket | None:
    if not environ.get(S3_BUCKET):
        return None
    endpoint, region = environ.get(S3_ENDPOINT) or None, environ.get(S3_REGION) or None
    return S3Bucket(environ[S3_BUCKET], endpoint, region)


def _limits(environ: Mapping[str, str]) -> Limits:
    _whole(environ, QUICK_START_TIMEOUT, default=120, least=5, most=540)
    minutes = _whole(environ, PROCESSING, default=10, least=1, most=1_440)
    return Limits(
        silence=timedelta(minutes=minutes),
        preview=_truth(environ, QUICK_START, default=True),
        preview_products=_whole(environ, QUICK_START_PRODUCTS, default=50, least=2, most=1_000),
        preview_bundles=_whole(environ, QUICK_START_BUNDLES, default=10, least=1, most=100),
    )


def _cooldown_days(environ: Mapping[str, str]) -> int:
    return _whole(environ, COOLDOWN, default=30, least=0, most=365)


def _level(environ: Mapping[str, str]) -> str:
    level = environ.get(LOG_LEVEL, "INFO").upper()
    if level not in LEVELS:
        raise BadSettings(f"{LOG_LEVEL} is one of {', '.join(LEVELS)}, not {environ[LOG_LEVEL]!r}")
    return level


def _overrides(environ: Mapping[str, str]) -> dict[str, bool]:
    fixed: dict[str, bool] = {}
    for name, flag in FLAGS.items():
        if name in environ:
            fixed[flag] = _truth(environ, name, default=True)
            try:
                check_flag(flag, fixed[flag])
            except ValueError as error:
                raise BadSettings(f"{name}: {error}") from error
    return fixed


def _truth(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = environ.get(name, str(default))
    if text.lower() not in TRUTHS:
        raise BadSettings(f"{name} is true or false, not {text!r}")
    return TRUTHS[text.lower()]


def _whole(environ: Mapping[str, str], name: str, *, default: int, least: int, most: int) -> int:
    text = environ.get(name, str(default)).strip()
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise BadSettings(f"{name} is a whole number from {least} to {most}, not {text!r}")
    return int(text)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
