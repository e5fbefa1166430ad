"""Money as whole minor units and as decimal text."""

from decimal import Decimal

DECIMALS = {  # ISO 4217 minor units, where they are not two
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


UNKNOWN = "XXX"  # ISO 4217's code where no currency is involved or known


def known_currency(currency: str) -> str | None:
    """The currency, or None where it is not known."""
    return None if currency == UNKNOWN else currency


def decimals(currency: str) -> int:
    """How many decimals the currency's prices have."""
    return DECIMALS.get(currency.upper(), 2)


def as_text(minor: int, currency: str) -> str:
    """The exact amount as a decimal number: ``as_text(1999, "GBP") == "19.99"``."""
    return str(Decimal(minor).scaleb(-decimals(currency)))
