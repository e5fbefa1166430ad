"""How buyers answer an offer: what is believed before a shop has measured it, and the formula."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from pipeline_lib.mining.measures import Floats

NEVER, ALWAYS = 1e-6, 1 - 1e-6  # attach rates of which the odds are still a number


@dataclass(frozen=True)
class Response:
    """Means and standard deviations of a shop's response, the defaults until it has measured.

    Attributes:
        theta: what showing two products together adds to the log-odds of taking both.
        theta_sd: of ``theta``.
        beta: elasticity of these odds in the price of what is added; below 0.
        beta_sd: of ``beta``.
        margin: margin of a product without a known cost, as a share of its price.
        margin_sd: of that guess; nothing is added where the cost is known.
        orders_sd: of the log orders of a month, beyond the noise of counting (0.27 measured).
        attach_sd: of the logit of an attach rate from month to month, beyond that noise (0.25).
        dead_rate: share of its price that a waiting unit loses in a month: 2 % for holding it
            (20 to 30 % of the cost a year), and 4 % for ageing, which is a guess.
    """

    theta: float = 0.15
    theta_sd: float = 0.10
    beta: float = -1.4
    beta_sd: float = 0.5
    margin: float = 0.45
    margin_sd: float = 0.10
    orders_sd: float = 0.30
    attach_sd: float = 0.30
    dead_rate: float = 0.06

    @classmethod
    def of_shop(cls, known: Mapping[str, float]) -> Self:
        """The defaults with what a shop has set or measured in their place.

        Raises:
            ValueError: it names something that is no part of a response.
        """
        names = {one.name for one in fields(cls)}
        if unknown := sorted(set(known) - names):
            raise ValueError(f"no part of a response is called {', '.join(unknown)}")
        return cls(**{name: float(value) for name, value in known.items()})


def attach_rate_when_shown(
    attach: Floats, *, price_left: Floats | float, theta: Floats | float, beta: Floats | float
) -> Floats:
    """The share of buyers that takes the rest of a set when it is offered.

    logit q1 = logit q0 + theta + beta ln(price_left). On the odds, because a constant elasticity
    with a cap at 1 makes most discounts look right where many buy both anyway, where none was
    ever measured.

    Args:
        attach: q0, the share that does so without an offer; clipped into (0, 1).
        price_left: what is left of the price of the added products, above 0; 1 at list price.
        theta: effect of showing, on the log-odds.
        beta: elasticity of the odds.
    """
    rate = np.clip(attach, NEVER, ALWAYS)
    odds = rate / (1 - rate) * np.exp(theta + beta * np.log(price_left))
    return np.asarray(odds / (1 + odds))
