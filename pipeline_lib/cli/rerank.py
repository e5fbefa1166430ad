"""`bundles rerank`: the same bundles under other weights, from what was stored; it runs nothing."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline_lib.cli.results import print_best_bundles
from pipeline_lib.errors import BadArtefact, BadExport, Rejected
from pipeline_lib.ranking.scores import PARTS, PROFILES
from pipeline_lib.records.recommendations import Recommendation
from pipeline_lib.reports import FORMAT, RECOMMENDATIONS

EPILOG = """\
examples:
  bundles rerank july --weights seeds
  bundles rerank july --weights gain=0.8,inventory=0.2
"""


def options(command: argparse.ArgumentParser) -> None:
    """The run, the weights, and for whom to print."""
    command.add_argument("out", type=Path, metavar="DIR", help="the --out of a finished run")
    command.add_argument(
        "--weights",
        default="seeds",
        metavar="W",
        help="gain, affinity, seeds, confidence, or part=weight,…",
    )
    command.add_argument("--json", action="store_true", help="print the bundles as JSON instead")


def execute(given: argparse.Namespace) -> None:
    """Print the other order."""
    rerank(out=given.out, weights=given.weights, as_json=given.json)


class BadWeights(Rejected):
    """Weights that name no profile and no parts of a score."""

    code = "BAD_WEIGHTS"


class OldResults(Rejected):
    """Results that were made by an older version, which keeps something else or elsewhere."""

    code = "OLD_RESULTS"

    def __init__(self, out: Path) -> None:
        super().__init__(f"{out}: these results were made by an older version; run again")


def rerank(*, out: Path, weights: str, as_json: bool) -> None:
    """Print the bundles of a finished run as other weights would order them; nothing is written.

    Raises:
        Rejected: ``out`` holds no run, or one of an older version, or the weights are none.
    """
    ordered = reordered(_recommendations(out), weights_in(weights))
    if as_json:
        print(RECOMMENDATIONS.to_json(ordered), end="")
    else:
        print_best_bundles(ordered, out)


def _recommendations(out: Path) -> list[Recommendation]:
    """What the run made; ``run.json`` names its format since there is one."""
    file, record = out / RECOMMENDATIONS.name, out / "run.json"
    if not file.is_file():
        raise BadExport(str(file), "there is no such file; give the --out of a finished run")
    run = json.loads(record.read_text()) if record.is_file() else {}
    if run.get("format", FORMAT) != FORMAT:
        raise OldResults(out)
    try:
        made = RECOMMENDATIONS.from_json(file.read_text())
    except BadArtefact as error:
        raise OldResults(out) from error
    if any({*PARTS, "novelty"} - one.score_parts.keys() for one in made):
        raise OldResults(out)
    return made


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
    recommendations: Sequence[Recommendation], weights: Mapping[str, float]
) -> list[Recommendation]:
    """The bundles by the weighted sum of their stored parts; what novelty took off stays off."""
    scored = [
        one.replace(ranking_score=_score(one.score_parts, weights)) for one in recommendations
    ]
    ordered = sorted(scored, key=lambda one: (-one.ranking_score, one.id))
    return [one.replace(rank_position=place) for place, one in enumerate(ordered, start=1)]


def _score(parts: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The score under other weights, rounded as ranking rounds it."""
    weighted = sum(parts[name] * weight for name, weight in weights.items())
    return round(weighted + parts["novelty"], 9)
