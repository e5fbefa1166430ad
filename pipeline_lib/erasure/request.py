"""Says which of a shop's kept orders are a shopper's; what is stored of them is pseudonymous."""

from datetime import datetime

from pipeline_lib.erasure.stored import ShopStores
from pipeline_lib.ports import Ports
from pipeline_lib.records.webhooks import FoundRun, Subject, Webhook


def answer_request(webhook: Webhook, ports: Ports, now: datetime) -> None:
    """Note on the webhook's document which orders each run holds.

    Raises:
        RunUnderWay: a phase is at work: it may yet add to them.
    """
    shop = ShopStores(ports, webhook.shop_id)
    shop.refuse_while_at_work(now)
    subject = webhook.subject or Subject()
    orders = {run: shop.orders(run, subject) for run in shop.runs()}
    runs = {
        run.key: FoundRun(upload_id=run.upload_id, run=run.run, order_ids=tuple(found))
        for run, found in orders.items()
        if found
    }
    shop.collections.webhooks.change(webhook.id, lambda one: one.with_found_runs(runs))
