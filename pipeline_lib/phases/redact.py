"""Gives a privacy webhook to what does as it asks; how that is done is said elsewhere."""

from datetime import datetime

from pipeline_lib.erasure import customer, request, shop
from pipeline_lib.ports import Data, Ports
from pipeline_lib.records import webhooks

BY_TOPIC = {
    webhooks.DATA_REQUEST: request.answer,
    webhooks.CUSTOMER: customer.erase,
    webhooks.SHOP: shop.erase,
    webhooks.UNINSTALLED: shop.stop,
}


def do(webhook: Data, ports: Ports, now: datetime) -> None:
    """Do what the webhook asks for; returns when it is done.

    Raises:
        RunUnderWay: a run of the shop must end first.
    """
    BY_TOPIC[webhook["topic"]](webhook, ports, now)
