"""Says which of a shop's kept orders are a shopper's; what is stored of them is pseudonymous."""

from datetime import datetime

from pipeline_lib.erasure.stored import Shop
from pipeline_lib.ports import Data, Ports
from pipeline_lib.records import webhooks
from pipeline_lib.runs.amend import amend


def answer(webhook: Data, ports: Ports, now: datetime) -> None:
    """Note on the webhook's document which orders each run holds.

    Raises:
        RunUnderWay: a phase is at work: it may yet add to them.
    """
    shop = Shop(ports, webhook["shop_id"])
    shop.refuse_while_at_work(now)
    orders = {run: shop.orders(run, webhook["subject"]) for run in shop.runs()}
    runs = {
        f"{run.upload_id}.{run.run}": {
            "upload_id": run.upload_id,
            "run": run.run,
            "order_ids": found,
        }
        for run, found in orders.items()
        if found
    }
    path = f"webhooks/{webhook['id']}"
    amend(ports.documents, path, lambda data: webhooks.noted(data, runs=runs))
