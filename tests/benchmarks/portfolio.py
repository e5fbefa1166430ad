"""Hypervolume and seconds of each way to choose portfolios, side by side; no verdict.

Every engine chooses from the same candidates under the same rules. Portfolios that break a
rule do not count. The volume is measured in the box of the front of all engines together, a
tenth longer at its worst end. Engines that take under a second run three times, and the
fastest counts; long ones stop at the limit (``--limit``, 20 s; with ``--quick`` 2 s).

``--json`` prints one object a row: ``instance``, ``name`` (the engine; the default is
``ours``), ``needs`` (packages beyond numpy), ``seconds``, ``share`` (of all engines' front),
``by_pymoo`` (the same share by pymoo's own volume), ``of_best`` (of the best single engine's
volume), ``found`` (portfolios that keep the rules), ``points`` (those on its front),
``target_s`` and ``target_of_best`` (None but for ``ours``).

``--run FOLDER`` reads a finished run on Online Retail in place of running the chain.
"""

import argparse
import json
import time
from functools import partial
from typing import NamedTuple

import numpy as np
from _portfolio_engines import (
    LONG,
    SEEDS,
    Case,
    bounded,
    evolved,
    greedy,
    ours_at_length,
    sorted_alone,
    weighed,
)
from _portfolio_instances import instances
from pymoo.indicators.hv import HV

from pipeline_lib.portfolio.choosing import portfolios
from pipeline_lib.portfolio.fronts import non_dominated
from pipeline_lib.portfolio.greedy import plan_of
from pipeline_lib.portfolio.hypervolume import hypervolume
from pipeline_lib.portfolio.problem import Floats, problem_of

OURS, TARGET_S, TARGET_OF_BEST = "ours", 0.5, 0.97
ENGINES = {
    "by dominance of each alone": (sorted_alone, {}, ""),
    "greedy, 36 weights": (greedy, {"count": 36}, ""),
    "greedy, 200 weights": (greedy, {"count": 200}, ""),
    "greedy, 1,000 weights": (greedy, {"count": 1_000}, ""),
    "ours at length": (ours_at_length, {}, ""),
    "NSGA-II 50 x 10": (evolved, SEEDS | {"repaired": False}, "pymoo"),
    "... repaired": (evolved, SEEDS | {"repaired": True}, "pymoo"),
    "... and seeded": (evolved, SEEDS | {"repaired": True, "seeded": True}, "pymoo"),
    "NSGA-II 200 x 500": (evolved, LONG | {"repaired": True}, "pymoo"),
    "... and seeded at length": (evolved, LONG | {"repaired": True, "seeded": True}, "pymoo"),
    "MILP, 36 weights": (weighed, {"count": 36}, "scipy"),
    "MILP, 200 weights": (weighed, {"count": 200}, "scipy"),
    "MILP at length": (weighed, {"count": 4_000}, "scipy"),
    "MILP, bounds 6 x 6": (bounded, {"steps": 6}, "scipy"),
}


class Found(NamedTuple):
    """What an engine came to."""

    front: Floats
    count: int
    seconds: float


def kept(bundles, rules, least, sets):
    """Those of the sets that keep every rule, each checked on the bundles as given."""
    good = []
    for chosen in sets:
        sold, within = np.zeros(len(bundles.stock)), np.zeros(len(bundles.stock))
        for row in set(chosen.tolist()):
            for item, units in zip(bundles.items[row], bundles.units[row], strict=True):
                if item >= 0:
                    sold[item] += units * bundles.sales[row]
                    within[item] += 1
        counts = np.bincount(bundles.objective[chosen], minlength=len(least))
        oversold = (sold > bundles.stock + 1e-9).any()
        crowded = within.max(initial=0) > rules.most_of_a_product
        if not oversold and not crowded and (counts >= least).all():
            good.append(chosen)
    return np.array(good, dtype=np.int64).reshape(len(good), sets.shape[1])


def timed(choose):
    """What it gives, and the seconds of the fastest of three, or of the only slow one."""
    seconds = []
    while not seconds or (len(seconds) < 3 and seconds[0] < 1):
        begun = time.perf_counter()
        sets = choose()
        seconds.append(time.perf_counter() - begun)
    return sets, min(seconds)


def fronts(bundles, rules, limit_s):
    """By engine, in one run: the front of what it found, how many it found, and its seconds."""
    problem = problem_of(bundles, rules)
    plan = plan_of(problem)
    case = Case(problem, plan, limit_s)
    ways = {OURS: lambda: portfolios(bundles, rules).sets}
    ways |= {name: partial(way, case, **settings) for name, (way, settings, _) in ENGINES.items()}
    for name, choose in ways.items():
        sets, seconds = timed(choose)
        good = kept(bundles, rules, plan.least, sets)
        values = problem.totals(good)
        yield name, Found(values[non_dominated(values)], len(good), seconds)


def measured(name, bundles, rules, limit_s):
    """One object an engine, as the module's docstring says."""
    found = dict(fronts(bundles, rules, limit_s))
    together = np.vstack([one.front for one in found.values()])
    together = together[non_dominated(together)]
    worst, best = together.min(axis=0), together.max(axis=0)
    worst = worst - (best - worst) / 10
    shares, peers = (
        {engine: volume(one.front) / volume(together) for engine, one in found.items()}
        for volume in (partial(hypervolume, worst=worst, best=best), partial(peer, worst=worst))
    )
    for engine, one in found.items():
        ours = engine == OURS
        yield {
            "instance": name,
            "name": engine,
            "needs": "" if ours else ENGINES[engine][2],
            "seconds": round(one.seconds, 3),
            "share": round(shares[engine], 4),
            "by_pymoo": round(peers[engine], 4),
            "of_best": round(shares[engine] / max(shares.values()), 4),
            "points": len(one.front),
            "found": one.count,
            "target_s": TARGET_S if ours else None,
            "target_of_best": TARGET_OF_BEST if ours else None,
        }


def peer(front, *, worst):
    """The volume as pymoo computes it."""
    return float(HV(ref_point=-worst)(-front)) if len(front) else 0.0


def shown(row):
    """A row as a line of the table."""
    figures = f"{row['seconds']:8.3f} {row['share']:7.3f} {row['of_best']:8.3f} {row['points']:7}"
    return f"{row['name']:26} {figures}   {row['needs']}"


def main():
    """Measure, and print a table or one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="two made instances, 2 s an engine")
    parser.add_argument("--json", action="store_true", help="one object a row")
    parser.add_argument("--limit", type=float, help="seconds after which an engine stops")
    parser.add_argument("--run", help="folder of a finished run on Online Retail")
    asked = parser.parse_args()
    limit_s = asked.limit or (2.0 if asked.quick else 20.0)
    for name, bundles, rules in instances(asked.run, quick=asked.quick):
        if not asked.json:
            print(f"\n{name:26} {'seconds':>8} {'share':>7} {'of best':>8} {'points':>7}   needs")
        for row in measured(name, bundles, rules, limit_s):
            print(json.dumps(row) if asked.json else shown(row), flush=True)


if __name__ == "__main__":
    main()
