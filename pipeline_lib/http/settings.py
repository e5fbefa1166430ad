"""What the environment tells the interface, read once at its start; nothing else reads it here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline_lib.errors import BadSettings
from pipeline_lib.records import flags as switches

PREFIX = "BUNDLECHAIN_"
CLIENT_ID, CLIENT_SECRET = "BUNDLECHAIN_SHOPIFY_CLIENT_ID", "BUNDLECHAIN_SHOPIFY_CLIENT_SECRET"
ADMIN, OPERATOR, VIEWER = (
    "BUNDLECHAIN_ADMIN_KEY",
    "BUNDLECHAIN_OPERATOR_KEY",
    "BUNDLECHAIN_VIEWER_KEY",
)
ORIGINS, HOSTS = "BUNDLECHAIN_CORS_ORIGINS", "BUNDLECHAIN_TRUSTED_HOSTS"
CLOCK_ACCOUNT, CLOCK_AUDIENCE = "BUNDLECHAIN_CLOCK_ACCOUNT", "BUNDLECHAIN_CLOCK_AUDIENCE"
NEEDED = (
    CLIENT_ID,
    CLIENT_SECRET,
    ADMIN,
    OPERATOR,
    VIEWER,
    ORIGINS,
    HOSTS,
    CLOCK_ACCOUNT,
    CLOCK_AUDIENCE,
)
OTHERS = (  # what the wiring reads
    "BUNDLECHAIN_PROJECT",
    "BUNDLECHAIN_UPLOADS_BUCKET",
    "BUNDLECHAIN_ARTEFACTS_BUCKET",
    "BUNDLECHAIN_CUSTOMER_KEY",
    "BUNDLECHAIN_S3_BUCKET",
    "BUNDLECHAIN_S3_ENDPOINT",
    "BUNDLECHAIN_S3_REGION",
)
OVERRIDES = {  # requirement 257
    "FEATURE_FLAG_BUNDLING_ENABLED": "bundling.enabled",
    "FEATURE_FLAG_V2_PIPELINE": "bundling.v2_pipeline",
    "FEATURE_FLAG_PARETO_OPTIMIZATION": "advanced.pareto_optimization",
}
TRUTHS = {"true": True, "1": True, "false": False, "0": False}
LEAST_KEY = 16  # characters of an operator's key


@dataclass(frozen=True)
class Settings:
    """Who is believed, and which pages and hosts may call.

    ``keys`` holds an operator's key by role; ``overrides`` the flags that the environment fixes.
    """

    shopify_client_id: str
    shopify_client_secret: bytes = field(repr=False)
    keys: Mapping[str, bytes] = field(repr=False)
    cors_origins: tuple[str, ...]
    trusted_hosts: tuple[str, ...]
    clock_account: str
    clock_audience: str
    overrides: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """The settings that the environment holds.

        Raises:
            BadSettings: one is missing, unknown, or has no possible value.
        """
        _refuse(environ)
        roles = {"viewer": VIEWER, "operator": OPERATOR, "admin": ADMIN}
        return cls(
            shopify_client_id=environ[CLIENT_ID],
            shopify_client_secret=environ[CLIENT_SECRET].encode(),
            keys={role: environ[name].strip().encode() for role, name in roles.items()},
            cors_origins=_listed(environ[ORIGINS]),
            trusted_hosts=_listed(environ[HOSTS]),
            clock_account=environ[CLOCK_ACCOUNT],
            clock_audience=environ[CLOCK_AUDIENCE],
            overrides={
                flag: _fixed(name, flag, environ[name])
                for name, flag in OVERRIDES.items()
                if name in environ
            },
        )


def _refuse(environ: Mapping[str, str]) -> None:
    missing = [name for name in NEEDED if not environ.get(name, "").strip()]
    if missing:
        raise BadSettings(f"set {', '.join(missing)}: the interface can not start without")
    ours = {name for name in environ if name.startswith((PREFIX, "FEATURE_FLAG_"))}
    unknown = sorted(ours - {*NEEDED, *OTHERS, *OVERRIDES})
    if unknown:
        raise BadSettings(f"nothing is called {', '.join(unknown)}: mend or remove it")
    if "*" in _listed(environ[ORIGINS]):
        raise BadSettings(f"{ORIGINS} names whole origins: * would let any page call")
    keys = [environ[name].strip() for name in (ADMIN, OPERATOR, VIEWER)]
    if len({*keys}) < len(keys) or min(map(len, keys)) < LEAST_KEY:
        raise BadSettings(f"the three keys differ and have {LEAST_KEY} characters or more")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())


def _fixed(name: str, flag: str, text: str) -> bool:
    if text.lower() not in TRUTHS:
        raise BadSettings(f"{name} is true or false, not {text!r}")
    value = TRUTHS[text.lower()]
    try:
        switches.refuse(flag, value)
    except ValueError as error:
        raise BadSettings(f"{name}: {error}") from error
    return value
