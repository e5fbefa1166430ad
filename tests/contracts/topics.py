"""What every Topics adapter promises, and what one promises that delivers by itself."""

import pytest

from pipeline_lib.messages import Landing, Message, Work

NOTE = Message(b"note", {"key": "value"})


class TopicsContract:
    """``received`` gives the topic and message that comes next of those left in ``topics``."""

    @pytest.fixture
    def topics(self):
        raise NotImplementedError

    @pytest.fixture
    def received(self):
        raise NotImplementedError

    @pytest.mark.parametrize(
        "message", [NOTE, Work("u", 1).message(), Landing("a/b", "7").message()]
    )
    def test_a_message_is_received_as_it_was_left(self, topics, received, message):
        topics.publish("score", message)

        assert received() == ("score", message)

    def test_what_is_left_twice_comes_twice(self, topics, received):
        topics.publish("score", NOTE)
        topics.publish("score", NOTE)

        assert [received(), received()] == [("score", NOTE)] * 2


class DeliveringTopicsContract(TopicsContract):
    """``topics`` allows three deliveries, 10 s and 20 s apart; ``wait`` lets seconds pass."""

    @pytest.fixture
    def wait(self):
        raise NotImplementedError

    @pytest.fixture
    def received(self, topics):
        def take():
            delivery = topics.take()
            return delivery.topic, delivery.message

        return take

    def test_the_first_delivery_is_the_first_attempt(self, topics):
        topics.publish("score", NOTE)

        assert topics.take().attempt == 1

    def test_a_taken_message_is_not_given_to_another(self, topics):
        topics.publish("score", NOTE)
        topics.take()

        assert topics.take() is None

    def test_an_acknowledged_message_is_gone(self, topics, wait):
        topics.publish("score", NOTE)
        topics.acknowledge(topics.take())
        wait(10_000)

        assert topics.take() is None
        assert topics.waiting() == 0

    def test_a_refused_message_comes_again_after_the_back_off(self, topics, wait):
        topics.publish("score", NOTE)
        topics.refuse(topics.take())

        assert topics.take() is None
        wait(10)
        assert topics.take().attempt == 2

    def test_the_back_off_doubles(self, topics, wait):
        topics.publish("score", NOTE)
        topics.refuse(topics.take())
        wait(10)
        topics.refuse(topics.take())
        wait(10)

        assert topics.take() is None
        wait(10)
        assert topics.take().attempt == 3

    def test_what_fails_too_often_becomes_a_dead_letter_that_names_its_topic(self, topics, wait):
        topics.publish("score", NOTE)
        for _ in range(3):
            topics.refuse(topics.take())
            wait(100)

        dead = topics.take()

        assert dead.topic == "dead_letter"
        assert dead.message.data == NOTE.data
        assert dead.message.attributes == {
            "key": "value",
            "CloudPubSubDeadLetterSourceSubscription": "score",
            "CloudPubSubDeadLetterSourceDeliveryCount": "3",
        }

    def test_what_was_taken_by_one_who_is_gone_comes_again_and_counts(self, topics):
        topics.publish("score", NOTE)
        topics.take()

        topics.release_all()

        assert topics.take().attempt == 2

    def test_a_postponed_message_comes_again_without_having_counted(self, topics, wait):
        topics.publish("score", NOTE)
        for _ in range(5):
            topics.postpone(topics.take())
            assert topics.take() is None
            wait(10)

        assert topics.take().attempt == 1

    def test_the_longest_waiting_comes_first(self, topics, wait):
        topics.publish("a", NOTE)
        wait(1)
        topics.publish("b", NOTE)

        assert [topics.take().topic, topics.take().topic] == ["a", "b"]
