"""The header lines of Shopify's own exports, cell for cell."""


def _cells(line: str) -> list[str]:
    return line.split(",")


ORDER_HEAD = _cells(
    "Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,"
    "Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method"
)
LINE = _cells(
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,"
    "Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status"
)
ADDRESS = _cells("Name,Street,Address1,Address2,Company,City,Zip,Province,Country,Phone")
ORDER_PAYMENT = _cells(
    "Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,Refunded Amount"
)
ORDER_ORIGIN = _cells("Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source")
ORDER_TAIL = [
    *(f"Tax {n} {what}" for n in range(1, 6) for what in ("Name", "Value")),
    *_cells("Phone,Receipt Number,Duties,Billing Province Name,Shipping Province Name"),
    *_cells("Payment ID,Payment Terms Name,Next Payment Due At,Payment References"),
]
ORDERS = [
    *("Name", "Email"),
    *ORDER_HEAD,
    "Created at",
    *LINE,
    *(f"Billing {part}" for part in ADDRESS),
    *(f"Shipping {part}" for part in ADDRESS),
    *ORDER_PAYMENT,
    "Vendor",
    *ORDER_ORIGIN,
    "Lineitem discount",
    *ORDER_TAIL,
]
PRODUCTS = _cells(
    "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,"
    "Status,SKU,Barcode,Option1 name,Option1 value,Option1 Linked To,Option2 name,Option2 value,"
    "Option2 Linked To,Option3 name,Option3 value,Option3 Linked To,Price,Compare-at price,"
    "Cost per item,Charge tax,Tax code,Unit price total measure,Unit price total measure unit,"
    "Unit price base measure,Unit price base measure unit,Inventory tracker,Inventory quantity,"
    "Continue selling when out of stock,Weight value (grams),Weight unit for display,"
    "Requires shipping,Fulfillment service,Product image URL,Image position,Image alt text,"
    "Variant image URL,Gift card,SEO title,SEO description,"
    "Color (product.metafields.shopify.color-pattern),Google Shopping / Google product category,"
    "Google Shopping / Gender,Google Shopping / Age group,"
    "Google Shopping / Manufacturer part number (MPN),Google Shopping / Ad group name,"
    "Google Shopping / Ads labels,Google Shopping / Condition,Google Shopping / Custom product,"
    "Google Shopping / Custom label 0,Google Shopping / Custom label 1,"
    "Google Shopping / Custom label 2,Google Shopping / Custom label 3,"
    "Google Shopping / Custom label 4"
)
INVENTORY = _cells(
    "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Option3 Name,"
    "Option3 Value,SKU,HS Code,COO,Location,Bin name,Incoming (not editable),"
    "Unavailable (not editable),Committed (not editable),Available (not editable),"
    "On hand (current),On hand (new)"
)
