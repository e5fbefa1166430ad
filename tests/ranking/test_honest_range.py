"""Made shops whose response is known: how often the stated range holds the truth."""

from dataclasses import replace

import numpy as np

from pipeline_lib.ranking.gain import Draws, Pages, draw, gains, spread_of
from pipeline_lib.ranking.response import Response

PRIOR = Response()
SETS, LISTED = 120, 50


def made(rng):
    """What a shop has seen of its sets, and what next month truly holds."""
    attach = np.clip(rng.beta(1.5, 5.0, (SETS, 2)), 0.005, 0.95)
    orders = rng.lognormal(2.0, 1.0, SETS)[:, None] / attach
    seen = rng.poisson(orders * 2).astype(float)
    held = rng.binomial(seen.astype(int), attach)
    known = Pages(
        orders=seen / 2,
        attach=(held + 0.5) / (seen + 3.0),
        seen=seen,
        price=rng.lognormal(7.0, 0.6, (SETS, 2)),
        margin=np.full((SETS, 2), np.nan),
        cover=np.full((SETS, 2), np.nan),
    )
    shock = rng.standard_normal((2, SETS, 1))
    later = orders * np.exp(PRIOR.orders_sd * shock[0] - PRIOR.orders_sd**2 / 2)
    odds = attach / (1 - attach) * np.exp(PRIOR.attach_sd * shock[1])
    margin = np.clip(PRIOR.margin + PRIOR.margin_sd * rng.standard_normal((SETS, 1)), 0.01, 0.99)
    return known, (later, odds / (1 + odds), margin.repeat(2, axis=1))


def truth(known, later, *, theta, beta):
    """What the month truly gains at list price."""
    orders, attach, margin = (part[:, :, None] for part in later)
    return gains(
        known, np.zeros(SETS), Draws(np.array([theta]), np.array([beta]), orders, attach, margin)
    )[:, 0]


def held_share(shops, *, drawn, prior=PRIOR, seed=7):
    """Of shops, whether the list's range held its sum; of offers, the share that held theirs."""
    rng = np.random.default_rng(seed)
    lists, offers = [], []
    for _ in range(shops):
        theta = rng.normal(PRIOR.theta, PRIOR.theta_sd) if drawn else PRIOR.theta
        beta = rng.normal(PRIOR.beta, PRIOR.beta_sd) if drawn else PRIOR.beta
        known, later = made(rng)
        points = gains(known, np.zeros(SETS), draw(known, prior))
        true = truth(known, later, theta=theta, beta=beta)
        first = np.argsort(-points.mean(axis=1))[:LISTED]
        whole = spread_of(points[first].sum(axis=0, keepdims=True))
        lists.append(whole.low[0] <= true[first].sum() <= whole.high[0])
        each = spread_of(points)
        offers.append(np.mean((true >= each.low) & (true <= each.high)))
    return float(np.mean(lists)), float(np.mean(offers))


def test_the_range_of_the_list_holds_the_truth_for_eight_shops_in_ten():
    lists, offers = held_share(400, drawn=True)

    assert 0.75 <= lists <= 0.85
    assert 0.70 <= offers <= 0.85


def test_at_a_known_response_the_ranges_of_offers_hold_what_months_make_of_them():
    known = replace(PRIOR, theta_sd=0.0, beta_sd=0.0)

    _, offers = held_share(200, drawn=False, prior=known)

    assert 0.75 <= offers <= 0.85
