import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from pipeline_lib.runtime.shared import Shared

THREADS = 8


def test_threads_that_ask_first_together_get_the_same():
    made, together = [], Barrier(THREADS)

    def make():
        time.sleep(0.05)  # as long as clients take to open
        made.append(object())
        return made[-1]

    shared = Shared(make)

    def ask(_):
        together.wait()
        return shared()

    with ThreadPoolExecutor(THREADS) as threads:
        got = list(threads.map(ask, range(THREADS)))

    assert len(made) == 1
    assert set(got) == set(made)


def test_what_could_not_be_made_is_tried_again():
    answers = iter([OSError("not yet"), "made"])

    def make():
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    shared = Shared(make)

    with pytest.raises(OSError, match="not yet"):
        shared()
    assert shared() == "made"


def test_what_is_forgotten_is_made_anew():
    shared = Shared(object)
    first = shared()

    shared.forget()

    assert shared() is not first
