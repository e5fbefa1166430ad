"""`bundles rerank`: the same bundles under other weights, from what was stored; it runs nothing."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline_lib.cli.results import print_best_bundles
from pipeline_lib.errors import BadExport, Rejected
from pipeline_lib.ranking.shelf import PARTS, PROFILES

EPILOG = """\
examples:
  bundles rerank july --weights seeds
  bundles rerank july --weights forecast=0.5,confidence=0.5
"""


def options(command: argparse.ArgumentParser) -> None:
    """The run, the weights, and for whom to print."""
    command.add_argument("out", type=Path, metavar="DIR", help="the --out of a finished run")
    command.add_argument(
        "--weights", default="seeds", metavar="W", help="forecast, seeds, or part=weight,…"
    )
    command.add_argument("--json", action="store_true", help="print the bundles as JSON instead")


def execute(given: argparse.Namespace) -> None:
    """Print the other order."""
    rerank(out=given.out, weights=given.weights, as_json=given.json)


class BadWeights(Rejected):
    """Weights that name no profile and no parts of a score."""

    code = "BAD_WEIGHTS"


def rerank(*, out: Path, weights: str, as_json: bool) -> None:
    """Print the bundles of a finished run as other weights would order them; nothing is written.

    Raises:
        Rejected: ``out`` holds no run, or the weights are none.
    """
    file = out / "recommendations.json"
    if not file.is_file():
        raise BadExport(str(file), "there is no such file; give the --out of a finished run")
    ordered = reordered(json.loads(file.read_text()), weights_in(weights))
    if as_json:
        print(json.dumps(ordered, indent=2, ensure_ascii=False))
    else:
        print_best_bundles(ordered, out)


def weights_in(text: str) -> Mapping[str, float]:
    """The weights of a profile's name, or of ``part=weight,part=weight``.

    Raises:
        BadWeights: it is neither.
    """
    if text in PROFILES:
        return PROFILES[text]
    try:
        weights = {
            name: float(value) for name, value in (one.split("=") for one in text.split(","))
        }
    except ValueError as error:
        names = ", ".join((*PROFILES, *(f"{part}=…" for part in PARTS)))
        raise BadWeights(f"{text!r} is no set of weights; choose from {names}") from error
    if unknown := set(weights) - set(PARTS):
        raise BadWeights(f"no part of a score is called {', '.join(sorted(unknown))}")
    return weights


def reordered(
    recommendations: list[dict[str, Any]], weights: Mapping[str, float]
) -> list[dict[str, Any]]:
    """The bundles by the weighted sum of their stored parts; what novelty took off stays off."""
    scored = [
        {
            **one,
            "ranking_score": round(
                sum(one["score_parts"][part] * weight for part, weight in weights.items())
                + one["score_parts"]["novelty"],
                9,
            ),
        }
        for one in recommendations
    ]
    ordered = sorted(scored, key=lambda one: (-one["ranking_score"], one["id"]))
    return [{**one, "rank_position": place} for place, one in enumerate(ordered, start=1)]
