"""Customers who do not exist, with addresses at example.com; no real person's data."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

CUSTOMERS = 7000
SKEW = 1.5  # a few customers come weekly, most once or twice


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer; ``phone`` is from the range that Ofcom reserves for drama."""

    name: str
    email: str
    street: str
    town: str
    postcode: str
    phone: str
    likes_news: bool


@cache
def customer_of(number: int) -> Customer:
    """The customer of that number, always the same."""
    book = _book()
    first, number_of_first = book["first"], len(book["first"])
    name = (first[number % number_of_first], _nth(book["last"], number // number_of_first))
    return Customer(
        name=" ".join(name),
        email=f"{'.'.join(name).lower()}.{number}@example.com",
        street=f"{1 + number % 97} {_nth(book['street'], number)}",
        town=_nth(book["town"], number // 7),
        postcode=f"ZZ{1 + number % 89} {number % 10}ZZ",  # no such postcode area
        phone=f"+44 7700 900{number % 1000:03d}",
        likes_news=number % 3 == 0,
    )


def _nth(words: list[str], number: int) -> str:
    return words[number % len(words)]


@cache
def _book() -> dict[str, list[str]]:
    text = files(__package__).joinpath("customers.json").read_text(encoding="utf-8")
    book: dict[str, list[str]] = json.loads(text)
    return book
