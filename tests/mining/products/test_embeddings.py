import numpy as np
import pytest

from pipeline_lib.mining.products.embeddings import embed_products

# two rooms of products that are only bought within their room
PAIRS = [(a, b) for room in (range(5), range(5, 10)) for a in room for b in room if a < b]


def vectors(items=10):
    left, right = np.array(PAIRS).T
    return embed_products(left, right, np.full(len(PAIRS), 7), items=items)


def test_products_of_one_company_are_alike_and_of_two_are_not():
    cosine = vectors() @ vectors().T

    assert cosine[:5, :5].min() > 0.3
    assert cosine[5:, 5:].min() > 0.3
    assert abs(cosine[:5, 5:]).max() < 0.1


def test_vectors_have_length_one_and_a_product_in_no_pair_has_none():
    found = vectors(items=12)

    assert np.linalg.norm(found[:10], axis=1) == pytest.approx(np.ones(10))
    assert not found[10:].any()


def test_equal_input_gives_equal_output():
    assert np.array_equal(vectors(), vectors())


def test_the_factors_rebuild_the_information_like_a_whole_decomposition():
    left, right = np.array(PAIRS).T
    counts = np.arange(1, len(PAIRS) + 1)
    found = embed_products(left, right, counts, items=10)

    whole = np.zeros((10, 10))
    whole[left, right] = whole[right, left] = counts
    share = whole.sum(axis=0)
    with np.errstate(divide="ignore"):
        information = np.log(whole * share.sum() / np.outer(share, share))
    scale, turned = np.linalg.eigh(np.maximum(information, 0.0))
    slow = turned * np.sqrt(abs(scale))
    slow /= np.linalg.norm(slow, axis=1, keepdims=True)
    assert found @ found.T == pytest.approx(slow @ slow.T, abs=1e-6)
