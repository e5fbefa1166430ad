"""How the counting loops are compiled and what they are given; no loop itself.

Imported by the one function that counts, because it loads numba.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numba import njit
from numba.core import types
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
F = TypeVar("F", bound=Callable[..., Any])

END = -1

INT = types.int64
INTS = types.int32[::1]
TABLE = types.int32[:, ::1]
LONGS = types.int64[::1]
GIVEN = types.Array(types.int32, 1, "C", readonly=True)


class Work(NamedTuple):
    """What one thread writes on: scratch space, then the sets that it finds.

    Two-dimensional scratch has a row for each depth of the search.
    """

    seen: Ints  # by label, zero between calls
    support: Ints
    labels: Ints  # 0, 1, 2 ...
    square: Ints  # a table of pairs, zero between calls
    ids: Ints
    rows: Ints
    order: Ints
    start: Ints
    pairs: Ints
    triples: Ints
    fours: Ints


WORK = types.NamedTuple([INTS] * 4 + [TABLE] * 7, Work)


def kernel(signature: Any) -> Callable[[F], F]:  # noqa: ANN401  # numba's types have no type
    """Compile to the signature, and keep the code on disk where a place can be written to."""

    def compiled(function: F) -> F:
        try:
            machine: F = njit(signature, nogil=True, error_model="numpy", cache=True)(function)
        except (RuntimeError, OSError):  # a read-only deployment without a home
            machine = njit(signature, nogil=True, error_model="numpy")(function)
        return machine

    return compiled
