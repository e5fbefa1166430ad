"""Which sets stand on a shop's list, in which order, and which rule left out the others."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from pipeline_lib.ranking import rules

SERIES_SHARE = 0.25  # sets of one line in any beginning of the list, at the most,
HEAD = 20  # ... less one among the first, as nobody wants a list that begins with them
LEAST_GAIN = 1.0  # minor units a month; less is nothing
MOST_OF_A_PRODUCT = 2  # others that a product is shown beside, so that no page is crowded
ONLY_AT_A_DISCOUNT = ("BOGO", "VOLUME")
TYPES = ("FBT", "MIX", "BOGO", "VOLUME")  # of equal sets the simplest is shown
PAIR = 2


class OneLine(Protocol):
    """What the gate asks of products."""

    def are_of_one_line(self, one: int, other: int) -> bool:
        """Whether two items are the same kind of thing in other colours, sizes or patterns."""
        ...


class Contender(NamedTuple):
    """One candidate: its products, what it is for, what it is ranked by and what it gains.

    ``gain`` is None where nothing can be said of it; ``clears`` says that a loss is accepted,
    because stock must go.
    """

    items: tuple[int, ...]
    bundle_type: str
    objective: str
    fit: float
    value: float
    gain: float | None
    series: bool = False
    discounted: bool = False
    clears: bool = False


class ListRules(NamedTuple):
    """What the list as a whole keeps.

    ``merges_lines``: a pair of two lines is shown once, its other colours as options of it;
    ``asks_for_gain``: nothing is shown that is not expected to gain.
    """

    most: int
    most_of_a_product: int = MOST_OF_A_PRODUCT
    series_share: float = SERIES_SHARE
    merges_lines: bool = True
    asks_for_gain: bool = True


@dataclass
class ShownList:
    """The rows of the contenders that are shown, in their order.

    Attributes:
        rows: of the contenders.
        others: by shown row, the other objectives that its set serves, best first.
        options: by shown row, rows of the same two lines in other colours.
        left_out: how many sets fell to each rule.
    """

    rows: list[int] = field(default_factory=list)
    others: dict[int, list[str]] = field(default_factory=dict)
    options: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    left_out: Counter[str] = field(default_factory=Counter)


def choose_shown(contenders: Sequence[Contender], lines: OneLine, keeps: ListRules) -> ShownList:
    """Walk down the sets by value and keep those that pass every rule.

    A set of one line that finds no room under its share waits until those after it have made
    some. Equal contenders, equal list.

    Args:
        contenders: the same products may come several times, under other objectives or types.
        lines: of the shop's products.
        keeps: the rules of the list.
    """
    walk = _Walk(contenders, lines, keeps)
    for rows in _by_set(contenders):
        offered = [row for row in rows if walk.may_be_offered(row)]
        if not offered:
            walk.leave_out(rows[0])
            continue
        others = dict.fromkeys(contenders[row].objective for row in offered)
        others.pop(contenders[offered[0]].objective)
        walk.found.others[offered[0]] = list(others)
        walk.meet(offered[0])
    return walk.ended()


def _by_set(contenders: Sequence[Contender]) -> list[list[int]]:
    """Rows of each set of products, its best first; sets by the value of their best."""

    def place(row: int) -> tuple[float, int, float, tuple[int, ...], str]:
        one = contenders[row]
        return (-one.value, TYPES.index(one.bundle_type), -one.fit, one.items, one.objective)

    sets: dict[frozenset[int], list[int]] = {}
    for row in sorted(range(len(contenders)), key=place):
        sets.setdefault(frozenset(contenders[row].items), []).append(row)
    return list(sets.values())


class _Walk:
    """The list as far as it has come."""

    def __init__(self, contenders: Sequence[Contender], lines: OneLine, keeps: ListRules) -> None:
        self._of, self._lines, self._keeps = contenders, lines, keeps
        self._uses: Counter[int] = Counter()
        self._series = 0
        self._waiting: list[int] = []
        self.found = ShownList()

    def may_be_offered(self, row: int) -> bool:
        """Whether it gains, and is an offer at all."""
        return self._refusal(row) is None

    def leave_out(self, row: int) -> None:
        """Count the set of this row under the rule that it breaks."""
        self.found.left_out[self._refusal(row) or rules.BEYOND] += 1

    def meet(self, row: int) -> None:
        """Take the row, let it wait, or count the rule that leaves it out."""
        rule = self._met(row)
        if rule:
            self.found.left_out[rule] += 1
        elif self._of[row].series and not self._has_room():
            self._waiting.append(row)
        else:
            self._take(row)
            self._let_in()

    def ended(self) -> ShownList:
        """The list, with those that waited in vain counted."""
        self.found.left_out[rules.ENOUGH_SERIES] += len(self._waiting)
        shown = set(self.found.rows)
        self.found.others = {row: self.found.others[row] for row in shown}
        self.found.left_out = +self.found.left_out
        return self.found

    def _refusal(self, row: int) -> str | None:
        one = self._of[row]
        if one.bundle_type in ONLY_AT_A_DISCOUNT and not one.discounted:
            return rules.NO_DISCOUNT
        without = one.gain is not None and one.gain < LEAST_GAIN and not one.clears
        return rules.NO_GAIN if without and self._keeps.asks_for_gain else None

    def _met(self, row: int) -> str | None:
        """The first rule that the row breaks beside those that are shown."""
        items = frozenset(self._of[row].items)
        if len(self.found.rows) >= self._keeps.most:
            return rules.BEYOND
        shown = [(other, frozenset(self._of[other].items)) for other in self.found.rows]
        if any(items < other or other < items for _, other in shown):
            return rules.PART
        alike = next((other for other, _ in shown if self._are_alike(row, other)), None)
        if alike is not None:
            self.found.options[alike].append(row)
            return rules.SAME_LINES
        room = self._keeps.most_of_a_product - _partners(self._of[row])
        crowded = any(self._uses[item] > room for item in items)
        return rules.CROWDED if crowded else None

    def _are_alike(self, row: int, other: int) -> bool:
        """Whether two pairs are of the same two lines."""
        one, two = self._of[row].items, self._of[other].items
        if not self._keeps.merges_lines or len(one) != PAIR or len(two) != PAIR:
            return False
        same = [[a == b or self._lines.are_of_one_line(a, b) for b in two] for a in one]
        return (same[0][0] and same[1][1]) or (same[0][1] and same[1][0])

    def _has_room(self) -> bool:
        after = len(self.found.rows) + 1
        if self._keeps.series_share >= 1:
            return True
        return self._series + 1 + (after <= HEAD) <= self._keeps.series_share * after

    def _take(self, row: int) -> None:
        self.found.rows.append(row)
        self._uses.update(dict.fromkeys(self._of[row].items, _partners(self._of[row])))
        self._series += self._of[row].series

    def _let_in(self) -> None:
        """Take the first that waited, where there is room for it now and it breaks no rule."""
        while self._waiting and self._has_room():
            row = self._waiting.pop(0)
            rule = self._met(row)
            if rule:
                self.found.left_out[rule] += 1
            else:
                self._take(row)


def _partners(one: Contender) -> int:
    """How many others a product of the set is shown beside; a pack fills a place too."""
    return max(len(one.items) - 1, 1)
