"""Does what a privacy webhook asks for: erases a shopper or a shop, answers, or stops."""

from datetime import datetime

from pipeline_lib.erasure import customer, request, shop
from pipeline_lib.erasure.tasks import Do, do_privacy_task
from pipeline_lib.messages import Message, PrivacyTask, Work
from pipeline_lib.ports import Ports
from pipeline_lib.records.webhooks import WebhookTopic

BY_TOPIC: dict[WebhookTopic, Do] = {
    "customers/data_request": request.answer_request,
    "customers/redact": customer.erase_customer,
    "shop/redact": shop.erase_shop,
    "app/uninstalled": shop.stop_shop,
}


def serve(message: Message, ports: Ports, now: datetime) -> list[tuple[str, Work | PrivacyTask]]:
    """Do what the webhook asks for, once; nothing follows.

    Raises:
        LeaseHeld: another worker is at it, or a run of the shop must end first.
    """
    do_privacy_task(message, ports, BY_TOPIC, now=now)
    return []
