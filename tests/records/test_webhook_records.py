from datetime import timedelta

from pipeline_lib.records.webhooks import FoundRun, Subject, Webhook, webhook_id
from tests.conftest import MADE_AT
from tests.planted import received

SUBJECT = Subject(customers=("hash",), orders=("1",))
RUN = FoundRun(upload_id="u", run=1, orders=1)


def test_the_same_event_has_one_name_and_others_have_their_own():
    names = [
        webhook_id(shop, topic, event)
        for shop in ("a", "b")
        for topic in ("customers/redact", "shop/redact")
        for event in ("1", "2")
    ]

    assert len({*names}) == len(names)


def test_what_was_noted_first_stays():
    noted = received(SUBJECT).with_found_files({"u": 2}).with_found_runs({"u.1": RUN})

    again = noted.with_found_files({"u": 0, "v": 1}).with_found_runs(
        {"u.1": RUN.model_copy(update={"orders": 0})}
    )

    assert again.files == {"u": 2, "v": 1}
    assert again.runs == {"u.1": RUN}


def test_a_certificate_says_nothing_of_the_shopper():
    done = received(SUBJECT).with_work_done(MADE_AT + timedelta(hours=1))

    assert (done.state, done.subject, done.expires_at) == ("done", None, None)
    assert done.is_certificate


def test_a_shoppers_request_is_kept_with_its_subject_for_a_time():
    done = received(SUBJECT, topic="customers/data_request").with_work_done(MADE_AT)

    assert done.subject == SUBJECT
    assert done.expires_at == MADE_AT + Webhook.kept_for
    assert not done.is_certificate
