from hypothesis import given
from hypothesis import strategies as st

from dev.sample import checkout
from dev.sample.catalogue import products

GOODS = st.builds(
    checkout.goods, st.sampled_from(products()), st.integers(1, 12), is_sale=st.booleans()
)
CHANCES = st.lists(st.floats(0, 1, exclude_max=True), min_size=3, max_size=3)


@given(st.lists(GOODS, min_size=1, max_size=6), CHANCES, CHANCES, st.booleans())
def test_no_bill_is_negative_and_none_taxes_more_than_a_sixth(goods, luck, dice, is_counter):
    lines = [*goods, *checkout.extras(luck)]

    bill = checkout.bill(lines, dice=dice, is_counter=is_counter)

    gross = sum(line.price_minor * line.quantity for line in lines)
    assert bill.subtotal_minor == gross - bill.discount_minor
    assert bill.total_minor == bill.subtotal_minor + bill.shipping_minor
    assert 0 <= bill.vat_minor <= (bill.total_minor + 5) // 6
    assert 0 <= bill.discount_minor < gross
    assert bill.shipping_minor in (0, 395, 695)
    assert not (is_counter and bill.shipping_minor)
