"""The rules by which a set is left out of a shop's list, each with the sentence that says so."""

from collections.abc import Mapping
from typing import Final

VARIANTS: Final = "variants_together"
UNSELLABLE: Final = "cannot_be_sold"
OUT_OF_SEASON: Final = "out_of_season"
MIXED_SEASONS: Final = "mixed_seasons"
NEAR_CHANCE: Final = "near_chance"
NO_GAIN: Final = "no_gain"
NO_DISCOUNT: Final = "nothing_off"
APPROVED: Final = "approved"
ACTIVE: Final = "active"
REJECTED: Final = "rejected"
SNOOZED: Final = "snoozed"
PART: Final = "part_of_another"
CROWDED: Final = "product_in_enough_sets"
SAME_LINES: Final = "same_lines"
ENOUGH_SERIES: Final = "enough_series"
WEAKER: Final = "not_among_the_strongest"
NO_STOCK_LEFT: Final = "stock_promised_to_better_sets"
BEYOND: Final = "beyond_the_list"

SENTENCES: Mapping[str, str] = {
    VARIANTS: "Two of its products are variants of one product.",
    UNSELLABLE: "A product is inactive, or its stock does not last half a month.",
    OUT_OF_SEASON: "A product's season is not at hand.",
    MIXED_SEASONS: "It mixes two seasons, or one with what sells all year.",
    NEAR_CHANCE: "It is hardly bought together more often than by chance.",
    NO_GAIN: "Nothing is expected to be gained by showing it.",
    NO_DISCOUNT: "It is an offer only at a discount, and none pays.",
    APPROVED: "You have approved this set already.",
    ACTIVE: "You sell this set already.",
    REJECTED: "You have rejected this set.",
    SNOOZED: "You have put this set off for a while.",
    PART: "It is part of, or holds, a set that gains more.",
    CROWDED: "One of its products stands in enough other sets.",
    SAME_LINES: "It is a shown set in other colours or sizes, and an option of it.",
    ENOUGH_SERIES: "There are enough sets of one line on the list.",
    WEAKER: "It is weaker than the candidates that were looked at closely.",
    NO_STOCK_LEFT: "The stock is promised to sets that gain more.",
    BEYOND: "The list is full.",
}
DECISIONS = (APPROVED, ACTIVE, REJECTED, SNOOZED)
