"""Points, goods and orders."""

from tortoise import fields
from tortoise.models import Model


class LedgerAccount(Model):
    """A points account. Balances change only by inserting transfers (a trigger), never by hand."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(20)  # member | issue | spend | debt
    member_id = fields.BigIntField(null=True)
    balance = fields.BigIntField(db_default=0)
    floor = fields.BigIntField(null=True)

    class Meta:
        table = "ledger_account"
        unique_together = (("member_id", "kind"),)


class Transfer(Model):
    """Points from one account to another. Immutable: a correction is a reversal."""

    id = fields.BigIntField(primary_key=True)
    source = fields.CharField(120, unique=True)  # the idempotency key: what this transfer is for
    debit_id = fields.BigIntField(db_index=True)
    credit_id = fields.BigIntField(db_index=True)
    amount = fields.BigIntField()
    kind = fields.CharField(20)  # check_in | streak | profile | award | deduct | gift | reversal | order | merge …
    reason = fields.CharField(200, db_default="")
    actor = fields.CharField(100, db_default="")
    reverses_id = fields.BigIntField(null=True, unique=True)
    at = fields.BigIntField()

    class Meta:
        table = "transfer"


class Product(Model):
    """Something that a shop sells."""

    id = fields.BigIntField(primary_key=True)
    shop = fields.CharField(40)
    ext_id = fields.CharField(100)
    name = fields.CharField(200, db_default="")
    brand = fields.CharField(60, db_default="")
    category = fields.CharField(60, db_default="")
    price = fields.BigIntField(null=True)  # fen
    url = fields.CharField(500, db_default="")
    available = fields.SmallIntField(null=True)  # 0: sold out, nothing that offers it goes out; NULL: nobody said
    service_days = fields.IntField(null=True)  # so long after a purchase its service is due
    told_at = fields.BigIntField(db_default=0)  # the time of the newest event that describes it
    created_at = fields.BigIntField()

    class Meta:
        table = "product"
        unique_together = (("shop", "ext_id"),)


class Order(Model):
    """A purchase, folded from its events: whichever order they come in, the row ends the same.

    It *stands* when it is paid, not closed and not refunded whole. Money is in fen.
    """

    id = fields.BigIntField(primary_key=True)
    shop = fields.CharField(40)
    ext_id = fields.CharField(100)
    member_id = fields.BigIntField(null=True)  # NULL: of somebody we have not met yet
    paid_at = fields.BigIntField(null=True)
    day = fields.IntField(null=True)  # the business day of `paid_at`, in days since 1970-01-01
    amount = fields.BigIntField(db_default=0)
    refunded = fields.BigIntField(db_default=0)  # never more than `amount`
    closed_at = fields.BigIntField(null=True)
    stands = fields.SmallIntField(db_default=0)  # 1 or 0
    points = fields.BigIntField(db_default=0)  # issued for it and not taken back
    moves = fields.IntField(db_default=0)  # transfers made for it so far
    phone = fields.CharField(64, db_default="")  # the buyer's handles, hashed as in `handle`
    unionid = fields.CharField(64, db_default="")
    buyer = fields.CharField(64, db_default="")
    invite = fields.CharField(20, db_default="")  # the invitation code given with it
    told_at = fields.BigIntField(db_default=0)  # the time and number of the event that its lines and amount come from
    told_by = fields.CharField(100, db_default="")
    earns = fields.SmallIntField(db_default=1)  # 0: an old one, imported without points
    created_at = fields.BigIntField()

    class Meta:
        table = "shop_order"
        unique_together = (("shop", "ext_id"),)


class OrderLine(Model):
    """What was bought with an order."""

    id = fields.BigIntField(primary_key=True)
    order_id = fields.BigIntField()
    line = fields.IntField()
    product_id = fields.BigIntField()
    quantity = fields.IntField(db_default=1)
    amount = fields.BigIntField(db_default=0)  # fen, of the whole line
    returned = fields.SmallIntField(db_default=0)  # 1: sent back
    member_id = fields.BigIntField(null=True)  # of the order while this line is a purchase, by a trigger (db/guards.py)
    day = fields.IntField(null=True)

    class Meta:
        table = "order_line"
        unique_together = (("order_id", "line"),)


class Refund(Model):
    """Money given back for an order, perhaps heard of before the order itself."""

    id = fields.BigIntField(primary_key=True)
    order_id = fields.BigIntField()
    ext_id = fields.CharField(100)
    amount = fields.BigIntField(null=True)  # fen, NULL: all of it
    skus = fields.TextField(db_default="")  # JSON list of the products sent back
    at = fields.BigIntField()

    class Meta:
        table = "refund"
        unique_together = (("order_id", "ext_id"),)


class ShopEvent(Model):
    """An event that a shop delivered: its number is taken once, and only with the same body again."""

    id = fields.BigIntField(primary_key=True)
    shop = fields.CharField(40)
    ext_id = fields.CharField(100)
    kind = fields.CharField(30)
    body_hash = fields.CharField(64)
    received_at = fields.BigIntField()

    class Meta:
        table = "shop_event"
        unique_together = (("shop", "ext_id"),)
