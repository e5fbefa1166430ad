"""Products as vectors of the company they keep, for those with little history.

Co-occurrence counts become positive pointwise mutual information, of which a truncated SVD keeps
the strongest directions: what skip-gram with negative sampling factorises implicitly (O. Levy and
Y. Goldberg, Neural word embedding as implicit matrix factorization, NIPS 2014).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

DIMENSIONS, OVERSAMPLED, ROUNDS = 32, 8, 4
SEED = 0
NOTHING = 1e-9  # a length that is rounding and not a direction


def embed_products(left: Codes, right: Codes, together: Codes, *, items: int) -> Floats:
    """Vectors of length one, whose cosine is high for products bought with the same others.

    Args:
        left: the smaller item code of each counted pair.
        right: the larger one.
        together: the orders that hold both.
        items: how many items there are.

    Returns:
        (items, at most 32) float64; a row of zeros for an item in no pair. The sign of a
        direction is fixed, so equal input gives equal output.
    """
    rows = np.concatenate([left, right])
    columns = np.concatenate([right, left])
    counts = np.concatenate([together, together]).astype(np.float64)
    order = np.lexsort((columns, rows))
    rows, columns, counts = rows[order], columns[order], counts[order]
    share = np.bincount(rows, weights=counts, minlength=items)
    chance = share[rows] * share[columns] / max(share.sum(), 1.0)
    information = np.maximum(np.log(counts / np.maximum(chance, np.finfo(float).tiny)), 0.0)
    return _unit(_strongest(rows, columns, information, items))


def _strongest(rows: Codes, columns: Codes, values: Floats, items: int) -> Floats:
    """Left singular vectors times the roots of their values, by a randomised range finder.

    N. Halko, P. Martinsson and J. Tropp, Finding structure with randomness, SIAM Rev. 53 (2011)
    217-288, algorithm 4.4 with a fixed seed; the matrix is symmetric.
    """
    wide = min(DIMENSIONS + OVERSAMPLED, items)
    base = np.random.default_rng(SEED).standard_normal((items, wide))
    for _ in range(ROUNDS):
        base, _ = np.linalg.qr(_times(rows, columns, values, base))
    small = base.T @ _times(rows, columns, values, base)
    scale, turned = np.linalg.eigh((small + small.T) / 2)
    best = np.argsort(-np.abs(scale), kind="stable")[:DIMENSIONS]
    vectors: Floats = base @ turned[:, best] * np.sqrt(np.abs(scale[best]))
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(len(best))]
    signed: Floats = vectors * np.where(largest < 0, -1.0, 1.0)
    return signed


def _times(rows: Codes, columns: Codes, values: Floats, dense: Floats) -> Floats:
    """A sparse matrix, its entries by row, times a dense one."""
    product = np.zeros_like(dense)
    if len(rows):
        starts = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1]])
        for column in range(dense.shape[1]):  # one at a time keeps the memory at one column
            sums = np.add.reduceat(values * dense[columns, column], starts)
            product[rows[starts], column] = sums
    return product


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > NOTHING)
    return unit
