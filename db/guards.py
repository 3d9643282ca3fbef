"""What the tables themselves refuse or do, on either engine: the ledger's triggers and the small indexes.

Balances are moved by the very INSERT of a transfer, so they cannot drift from the history; history cannot be
changed; a balance cannot pass its floor; points cannot go to or come from an account that does not exist.
"""

import re

from db.database import Database

SQLITE = [
    """CREATE TRIGGER transfer_shape BEFORE INSERT ON transfer
       WHEN typeof(NEW.amount) <> 'integer' OR NEW.amount <= 0 OR NEW.amount >= 1000000000
       OR NEW.debit_id = NEW.credit_id
       BEGIN SELECT RAISE(ABORT, 'transfer_shape'); END""",
    """CREATE TRIGGER transfer_moves AFTER INSERT ON transfer BEGIN
       UPDATE ledger_account SET balance = balance - NEW.amount WHERE id = NEW.debit_id;
       SELECT RAISE(ABORT, 'transfer_account') WHERE changes() <> 1;
       UPDATE ledger_account SET balance = balance + NEW.amount WHERE id = NEW.credit_id;
       SELECT RAISE(ABORT, 'transfer_account') WHERE changes() <> 1;
       END""",
    "CREATE TRIGGER transfer_kept BEFORE UPDATE ON transfer BEGIN SELECT RAISE(ABORT, 'transfer_kept'); END",
    "CREATE TRIGGER transfer_stays BEFORE DELETE ON transfer BEGIN SELECT RAISE(ABORT, 'transfer_kept'); END",
    """CREATE TRIGGER ledger_floor BEFORE UPDATE OF balance ON ledger_account
       WHEN NEW.floor IS NOT NULL AND NEW.balance < NEW.floor
       BEGIN SELECT RAISE(ABORT, 'ledger_floor'); END""",
    "CREATE TRIGGER audit_kept BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit_kept'); END",
    "CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit_kept'); END",
]

POSTGRES = [
    """ALTER TABLE transfer ADD CONSTRAINT transfer_shape
       CHECK (amount > 0 AND amount < 1000000000 AND debit_id <> credit_id)""",
    """ALTER TABLE ledger_account ADD CONSTRAINT ledger_floor CHECK (floor IS NULL OR balance >= floor)""",
    # both rows are locked in id order first: two transfers that cross cannot deadlock
    """CREATE FUNCTION transfer_moves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       PERFORM 1 FROM ledger_account WHERE id IN (NEW.debit_id, NEW.credit_id) ORDER BY id FOR UPDATE;
       UPDATE ledger_account SET balance = balance - NEW.amount WHERE id = NEW.debit_id;
       IF NOT FOUND THEN RAISE EXCEPTION 'transfer_account'; END IF;
       UPDATE ledger_account SET balance = balance + NEW.amount WHERE id = NEW.credit_id;
       IF NOT FOUND THEN RAISE EXCEPTION 'transfer_account'; END IF;
       RETURN NULL; END $$""",
    "CREATE TRIGGER transfer_moves AFTER INSERT ON transfer FOR EACH ROW EXECUTE FUNCTION transfer_moves()",
    """CREATE FUNCTION history_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       RAISE EXCEPTION '%_kept', TG_TABLE_NAME; END $$""",
    "CREATE TRIGGER transfer_kept BEFORE UPDATE OR DELETE ON transfer FOR EACH ROW EXECUTE FUNCTION history_kept()",
    "CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION history_kept()",
]

# Partial indexes hold only the rows that are still to be worked on, so they stay small for ever.
BOTH = [
    "CREATE INDEX outbox_due ON outbox (account_id, not_before) WHERE state = 'due'",
    "CREATE INDEX outbox_open ON outbox (account_id, state) WHERE state IN ('sending', 'unconfirmed')",
    "CREATE INDEX run_open ON run (due_at) WHERE state IN ('planned', 'running', 'asked')",
    "CREATE INDEX media_open ON media (account_id) WHERE fetched_at IS NULL AND failed_at IS NULL",
    "CREATE INDEX trouble_open ON trouble (at) WHERE settled_at IS NULL",
    "CREATE INDEX tag_now ON tag (value) WHERE removed_at IS NULL",
    "CREATE INDEX feedback_new ON feedback (kind) WHERE state = 'new'",
    "CREATE INDEX outbox_farewell ON outbox (created_at) WHERE purpose = 'farewell' AND content <> '{}'",
    "CREATE INDEX media_kept ON media (asked_at) WHERE path IS NOT NULL",
    "CREATE INDEX member_check_in ON member (check_in_day) WHERE check_in_day IS NOT NULL",
    "CREATE INDEX member_created ON member (created_at)",
    "CREATE INDEX member_erased ON member (erased_at) WHERE erased_at IS NOT NULL",
    "CREATE INDEX member_named ON member (lower(name)) WHERE erased_at IS NULL",
]

# What migration 0004 adds, alike on both engines. The first three hold all that segments and the night ask of orders.
KNOWING = [
    "CREATE INDEX order_member ON shop_order (member_id, stands, day, amount, refunded) WHERE member_id IS NOT NULL",
    "CREATE INDEX line_goods ON order_line (product_id, member_id, day, order_id, amount) WHERE member_id IS NOT NULL",
    "CREATE INDEX line_member ON order_line (member_id, day, product_id) WHERE member_id IS NOT NULL",
    "CREATE INDEX order_day ON shop_order (day) WHERE stands = 1",
    "CREATE INDEX order_phone ON shop_order (phone) WHERE member_id IS NULL AND phone <> ''",
    "CREATE INDEX order_unionid ON shop_order (unionid) WHERE member_id IS NULL AND unionid <> ''",
    "CREATE INDEX order_buyer ON shop_order (buyer) WHERE member_id IS NULL AND buyer <> ''",
    "CREATE INDEX event_received ON shop_event (received_at)",
    "CREATE INDEX feedback_due ON feedback (due_at) WHERE state = 'new' AND due_at IS NOT NULL",
    "CREATE INDEX candidate_queue ON candidate (state, score)",
    "CREATE INDEX match_open ON match_review (at) WHERE state = 'open'",
    "CREATE INDEX tag_borne ON tag (value, dimension, state, member_id) WHERE removed_at IS NULL",
    "CREATE INDEX tag_dimension ON tag (dimension, value, state, member_id) WHERE removed_at IS NULL",
    "CREATE INDEX talk_day ON talk (day)",
    "CREATE INDEX birthday_day ON birthday (day, lunar)",
    "CREATE INDEX complaint_open ON feedback (member_id) WHERE kind = 'complaint' AND state IN ('new', 'answered')",
    "CREATE INDEX candidate_shown ON candidate (shown_day, staff_id)",
    "CREATE INDEX share_room ON share (room_id, at)",
    "CREATE INDEX member_merged ON member (merged_into_id) WHERE merged_into_id IS NOT NULL",
    "CREATE UNIQUE INDEX merge_once ON merge (gone_id) WHERE undone_at IS NULL",
    "CREATE UNIQUE INDEX tier_notice_open ON tier_notice (member_id) WHERE cancelled_at IS NULL AND fell_at IS NULL",
]

# What migration 0006 adds: what is still to be said, whose attention was taken, what came of it.
SAYING = [
    "CREATE INDEX outbox_attention ON outbox (member_id, claimed_at, theme) WHERE attention <> ''",
    "CREATE INDEX outbox_attention_of_all ON outbox (claimed_at) WHERE attention <> ''",
    "CREATE INDEX campaign_open ON campaign_person (campaign_id, state, account_id, not_before, id)"
    " WHERE state IN ('planned', 'waiting', 'task')",
    "CREATE INDEX campaign_queued ON campaign_person (campaign_id, outbox_id) WHERE state = 'queued'",
    "CREATE UNIQUE INDEX rehoming_open ON rehoming (member_id) WHERE settled_at IS NULL",
    "CREATE UNIQUE INDEX handover_open ON handover (member_id) WHERE done_at IS NULL",
    "CREATE INDEX content_state ON content (state, kind)",
    "CREATE INDEX content_media ON content (media_id) WHERE media_id IS NOT NULL",
    "CREATE INDEX content_said ON content_use (at)",
    "CREATE INDEX content_use_room ON content_use (room_id, at)",
    "CREATE INDEX outbox_posted ON outbox (room_id, id) WHERE purpose IN ('post', 'marketing')",
    "CREATE INDEX outbox_named ON outbox (member_id, created_at) WHERE theme IN ('naming', 'naming_skip')",
    "CREATE INDEX slot_due ON slot (due_at) WHERE state = 'planned'",
    "CREATE INDEX short_link_made ON short_link (made_at)",
    "CREATE INDEX short_link_of ON short_link (campaign_id, content_id)",
    "CREATE INDEX faq_answer_at ON faq_answer (at)",
    "CREATE INDEX reach_account ON reach (account_id, identity_id) WHERE ended_at IS NULL",
]

# A line bears the member and the day of its order while that stands and the line was not sent back, else NULL: what
# was bought is looked for by product, and then nothing else must be read.
LINES_SQLITE = [
    """CREATE TRIGGER line_added AFTER INSERT ON order_line WHEN NEW.returned = 0 BEGIN
       UPDATE order_line SET (member_id, day) = (SELECT o.member_id, o.day FROM shop_order o
       WHERE o.id = NEW.order_id AND o.stands = 1 AND o.member_id IS NOT NULL) WHERE id = NEW.id; END""",
    """CREATE TRIGGER line_returned AFTER UPDATE OF returned, order_id ON order_line BEGIN
       UPDATE order_line SET (member_id, day) = (SELECT o.member_id, o.day FROM shop_order o
       WHERE o.id = NEW.order_id AND o.stands = 1 AND o.member_id IS NOT NULL AND NEW.returned = 0)
       WHERE id = NEW.id; END""",
    """CREATE TRIGGER order_lines AFTER UPDATE OF member_id, day, stands ON shop_order
       WHEN OLD.member_id IS NOT NEW.member_id OR OLD.day IS NOT NEW.day OR OLD.stands IS NOT NEW.stands BEGIN
       UPDATE order_line SET
       member_id = CASE WHEN NEW.stands = 1 AND returned = 0 THEN NEW.member_id END,
       day = CASE WHEN NEW.stands = 1 AND returned = 0 AND NEW.member_id IS NOT NULL THEN NEW.day END
       WHERE order_id = NEW.id; END""",
]
LINES_POSTGRES = [
    """CREATE FUNCTION line_of_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       SELECT o.member_id, o.day INTO NEW.member_id, NEW.day FROM shop_order o
       WHERE o.id = NEW.order_id AND o.stands = 1 AND o.member_id IS NOT NULL AND NEW.returned = 0;
       RETURN NEW; END $$""",
    """CREATE TRIGGER line_added BEFORE INSERT OR UPDATE OF returned, order_id ON order_line
       FOR EACH ROW EXECUTE FUNCTION line_of_order()""",
    """CREATE FUNCTION order_lines() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       UPDATE order_line SET
       member_id = CASE WHEN NEW.stands = 1 AND returned = 0 THEN NEW.member_id END,
       day = CASE WHEN NEW.stands = 1 AND returned = 0 AND NEW.member_id IS NOT NULL THEN NEW.day END
       WHERE order_id = NEW.id;
       RETURN NULL; END $$""",
    """CREATE TRIGGER order_lines AFTER UPDATE OF member_id, day, stands ON shop_order FOR EACH ROW
       WHEN (OLD.member_id IS DISTINCT FROM NEW.member_id OR OLD.day IS DISTINCT FROM NEW.day
       OR OLD.stands IS DISTINCT FROM NEW.stands) EXECUTE FUNCTION order_lines()""",
]


def knowing(dialect: str) -> list[str]:
    """All of them for one engine of migration 0004."""
    return KNOWING + (LINES_SQLITE if dialect == "sqlite" else LINES_POSTGRES)


def statements(dialect: str) -> list[str]:
    """All of them for one engine ("sqlite" or "postgres") up to migration 0002."""
    return (SQLITE if dialect == "sqlite" else POSTGRES) + BOTH


NAMED = re.compile(r"(?:CREATE TRIGGER|CREATE (?:UNIQUE )?INDEX|ADD CONSTRAINT)\s+(\w+)")
PRESENT = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'index')",
    "postgres": "SELECT tgname AS name FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    " UNION ALL SELECT conname FROM pg_constraint UNION ALL SELECT indexname FROM pg_indexes"
    " WHERE schemaname = current_schema()",
}


async def missing(db: Database) -> list[str]:
    """The names of guards that somebody has taken out of the database or switched off."""
    present = {row["name"] for row in await db.all(PRESENT[db.dialect])}
    all_of_them = [*statements(db.dialect), *knowing(db.dialect), *SAYING]
    wanted = [name for statement in all_of_them for name in NAMED.findall(statement)]
    return [name for name in wanted if name not in present]
