"""What the Terraform of a folder promises, read from its HCL; nothing here runs Terraform."""

import json
import re
from pathlib import Path
from typing import Any

import hcl2

Block = dict[str, Any]

# Every grant there is: who may do what, and for which rows it is made.
GRANTS = {
    "google_cloud_run_v2_service_iam_member.anybody_calls": ("run.invoker", "public"),
    "google_service_account_iam_member.public_signs": ("iam.serviceAccountTokenCreator", "public"),
    "google_storage_bucket_iam_member.public_keeps_artefacts": ("storage.objectUser", "public"),
    "google_storage_bucket_iam_member.public_keeps_uploads": ("storage.objectUser", "public"),
    "google_storage_bucket_iam_member.errand_keeps_artefacts": ("storage.objectUser", "errands"),
    "google_storage_bucket_iam_member.errand_keeps_uploads": ("storage.objectUser", "errands"),
    "google_artifact_registry_repository_iam_member.build_pushes": ("artifactregistry.writer", ""),
    "google_cloud_run_v2_service_iam_member.clock_wakes": ("run.invoker", "schedules"),
    "google_cloud_run_v2_service_iam_member.push_wakes": ("run.invoker", "subscriptions"),
    "google_project_iam_member.build_logs": ("logging.logWriter", ""),
    "google_project_iam_member.documents": ("datastore.user", "phases"),
    "google_pubsub_subscription_iam_member.agent_acknowledges": (
        "pubsub.subscriber",
        "subscriptions",
    ),
    "google_pubsub_topic_iam_member.agent_buries": ("pubsub.publisher", "graves"),
    "google_pubsub_topic_iam_member.bucket_publishes": ("pubsub.publisher", ""),
    "google_pubsub_topic_iam_member.publishes": ("pubsub.publisher", "edges"),
    "google_secret_manager_secret_iam_member.reads": ("secretmanager.secretAccessor", "secrets"),
    "google_service_account_iam_member.agent_signs_push": (
        "iam.serviceAccountOpenIdTokenCreator",
        "",
    ),
    "google_storage_bucket_iam_member.build_reads": ("storage.objectViewer", ""),
    "google_storage_bucket_iam_member.keeps_artefacts": ("storage.objectUser", "runs"),
    "google_storage_bucket_iam_member.reads_uploads": ("storage.objectViewer", ""),
    "google_storage_bucket_iam_member.sweep_removes_uploads": ("storage.objectUser", "schedules"),
}
# What pipeline_lib cannot run without in the cloud.
SETTINGS = {
    "BUNDLECHAIN_PROJECT",
    "BUNDLECHAIN_UPLOADS_BUCKET",
    "BUNDLECHAIN_ARTEFACTS_BUCKET",
    "FUNCTION_USE_ASGI",  # read by the framework
}
SECRETS = {"BUNDLECHAIN_CUSTOMER_KEY"}
# What the code may read that Terraform sets for every function or for one; docs/settings.md.
SETTING = "BUNDLECHAIN_|QUICK_START_|QUICK_INSTALL_|PROCESSING_TIMEOUT_|LOG_LEVEL"
INGRESS = 'contains(keys(module.topology.public), each.key) ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY"'
WOKEN = "google_cloudfunctions2_function.phase[each.key]"
PUSH = {
    "for_each": "module.topology.subscriptions",
    "topic": "google_pubsub_topic.topic[each.key].id",
    "ack_deadline_seconds": "module.topology.ack_deadline_s",
    "expiration_policy.ttl": "",
    "push_config.push_endpoint": f"{WOKEN}.service_config[0].uri",
    "push_config.oidc_token.audience": f"{WOKEN}.service_config[0].uri",
    "push_config.oidc_token.service_account_email": "google_service_account.push.email",
    "retry_policy.minimum_backoff": "${module.topology.retry.min_backoff_s}s",
    "retry_policy.maximum_backoff": "${module.topology.retry.max_backoff_s}s",
    "dead_letter_policy.dead_letter_topic": "google_pubsub_topic.topic[each.value.buries_in].id",
    "dead_letter_policy.max_delivery_attempts": "module.topology.retry.max_attempts",
}
SIGNING = {  # each account for itself and for no other
    "service_account_id": "google_service_account.phase[each.key].name",
    "member": "google_service_account.phase[each.key].member",
}
FUNCTION = {
    "for_each": "module.topology.phases",
    "service_config.environment_variables": "local.environment[each.key]",
    "service_config.service_account_email": "google_service_account.phase[each.key].email",
    "service_config.ingress_settings": INGRESS,
    "service_config.timeout_seconds": "each.value.timeout_s",
    "service_config.available_memory": "${each.value.memory_mb}Mi",
    "service_config.max_instance_request_concurrency": "each.value.concurrency",
    "service_config.max_instance_count": "each.value.max_instances",
    "service_config.dynamic.secret_environment_variables.for_each": "toset(each.value.secrets)",
}


def blocks(root: Path, kind: str) -> list[Block]:
    """All blocks of that kind in ``infra``, in the files' order."""
    files = sorted((root / "infra").glob("*.tf"))
    return [found for file in files for found in hcl2.loads(file.read_text()).get(kind, [])]


def resources(root: Path) -> dict[str, Block]:
    """Every resource of ``infra`` by its address."""
    return {
        f"{_plain(kind)}.{_plain(name)}": body
        for block in blocks(root, "resource")
        for kind, named in _items(block)
        for name, body in _items(named)
    }


def settings(root: Path) -> dict[str, str]:
    """The maps that the functions' environment is made of."""
    merged = {name: value for block in blocks(root, "locals") for name, value in block.items()}
    both = [*merged["settings"].items(), *merged["public_settings"].items()]
    return {_plain(name): value for name, value in both}


def problems(root: Path) -> list[str]:
    """What is not as it must be, a sentence each; none when all is well."""
    made = resources(root)
    return [
        *_differences("the push subscription", made["google_pubsub_subscription.push"], PUSH),
        *_differences("a function", made["google_cloudfunctions2_function.phase"], FUNCTION),
        *_differences(
            "the grant to sign",
            made.get("google_service_account_iam_member.public_signs", {}),
            SIGNING,
        ),
        *_grants(made),
        *_waking(made),
        *_environment(root),
        *_names(root),
        *_events(root),
    ]


def _grants(made: dict[str, Block]) -> list[str]:
    there = {
        address: (_at(body, "role").removeprefix("roles/"), _rows(body))
        for address, body in made.items()
        if address.split(".")[0].endswith("_iam_member")
    }
    missing = [f"{name} is not granted" for name in GRANTS if there.get(name) != GRANTS[name]]
    return missing + [
        f"{name} is granted to nobody's knowledge" for name in there if name not in GRANTS
    ]


def _rows(body: Block) -> str:
    found = _at(body, "for_each")
    if "module.topology.dead_letters" in found and "module.topology.kept" in found:
        return "graves"
    return found.removeprefix("module.topology.")


def _waking(made: dict[str, Block]) -> list[str]:
    topics = _at(made["google_pubsub_topic.topic"], "for_each")
    notice = made["google_storage_notification.landed"]
    clock = made["google_cloud_scheduler_job.clock"]
    function = made["google_cloudfunctions2_function.phase"]
    facts = {
        "a topic is not made for each in topology": topics == "module.topology.topics",
        "what cannot be read is not kept": "google_pubsub_subscription.kept" in made
        and "module.topology.kept" in _at(made["google_pubsub_subscription.kept"], "topic"),
        "a landed file wakes another": "[module.topology.first]" in _at(notice, "topic"),
        "the clock does not try again": "retry_config" in clock,
        "the clock comes without a token": _at(clock, "http_target.oidc_token.audience")
        != "missing",
        "a function has a trigger of its own, without a dead letter": "event_trigger"
        not in function,
    }
    return [problem for problem, well in facts.items() if not well]


def _environment(root: Path) -> list[str]:
    rows = json.loads((root / "pipeline_lib/topology.json").read_text())["phases"]
    secrets = {secret for row in rows for secret in row["secrets"]}
    declared = set(settings(root))
    sources = [file.read_text() for file in sorted((root / "pipeline_lib").rglob("*.py"))]
    read = set(re.findall(rf'"((?:{SETTING})[A-Z0-9_]*)(?<!_)"', "\n".join(sources)))
    plain = [name for name in declared if re.search("KEY|SECRET|TOKEN|PASSWORD", name)]
    return [
        *(f"{name} is not declared" for name in (SETTINGS | read) - declared - secrets),
        *(f"{name} is read by no row" for name in SECRETS - secrets),
        *(f"{name} is a secret in plain sight" for name in plain),
        *(["the keys of a bucket elsewhere are given to nobody"] if not _elsewhere(root) else []),
    ]


def _elsewhere(root: Path) -> bool:
    rows = [block for block in blocks(root, "module") for name, block in _items(block)]
    return any(_at(row, "elsewhere") == 'var.s3.bucket != ""' for row in rows)


def _names(root: Path) -> list[str]:
    rows = json.loads((root / "pipeline_lib/topology.json").read_text())["phases"]
    files = [root / "main.tf", *sorted((root / "infra").rglob("*.tf"))]
    return [
        f"{file.name} names {row['name']}"
        for file in files
        for row in rows
        if re.search(rf"\b{row['name']}\b", file.read_text())
    ]


def _events(root: Path) -> list[str]:
    said = (root / "pipeline_lib/logs.py").read_text()
    counted = set(re.findall(r'event\s+= "(\w+)"', (root / "infra/metrics.tf").read_text()))
    return [f"nobody logs {event}" for event in counted if f'"event": "{event}"' not in said]


def _differences(what: str, body: Block, promises: dict[str, str]) -> list[str]:
    return [
        f"{what}'s {path} is {_at(body, path)!r}, not {promise!r}"
        for path, promise in promises.items()
        if _at(body, path) != promise
    ]


def _at(body: Block, path: str) -> str:
    """The value under a dotted path as plain text; "missing" where there is none."""
    found: Any = body
    for step in path.split("."):
        found = found[0] if isinstance(found, list) else found
        found = {_plain(name): value for name, value in found.items()}.get(step)
        if found is None:
            return "" if path == "for_each" else "missing"
    return _plain(str(found))


def _items(block: Block) -> list[tuple[str, Any]]:
    return [(name, body) for name, body in block.items() if not name.startswith("__")]


def _plain(text: str) -> str:
    """An expression or a string without what hcl2 wraps it in."""
    if text.startswith('"'):
        return text[1:-1]
    return text.removeprefix("${").removesuffix("}") if text.startswith("${") else text
