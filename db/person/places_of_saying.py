"""Where a member's data lie that tell what was offered to them and what they made of it (db/person/places.py)."""

from db.person.place import IDS, MINE, WORDS, Place

MY_LINKS = f"(SELECT id FROM short_link WHERE {MINE})"

# What is found through a link comes before it.
SAYING: dict[str, Place] = {
    "campaign_person": Place(
        "群发",
        MINE,
        {"campaign_id": "群发编号", "state": "状态", "reason": "原因", "at": "时间", "account_id": "账号"},
        {"id": IDS, "member_id": IDS, "identity_id": IDS, "outbox_id": IDS, "not_before": "timing"},
        kept={"state": WORDS, "reason": WORDS},
    ),
    "rehoming": Place(
        "待重新联系",
        MINE,
        {"at": "时间", "account_id": "账号", "settled_at": "处理", "how": "结果"},
        {"id": IDS, "member_id": IDS},
        {"settled_at": "COALESCE(settled_at, {now})"},
        {"how": WORDS},
    ),
    "content": Place(
        "您的晒单",
        MINE,
        {"id": "编号", "kind": "类型", "title": "标题", "body": "内容", "state": "状态", "created_at": "时间",
         "interaction_id": "往来编号", "updated_at": "更新"},
        {"key": IDS, "theme": "the team's", "tags": "the team's", "audience": "the team's", "season_from": "the team's",
         "season_to": "the team's", "starts_at": "the team's", "expires_at": "the team's", "product_id": IDS,
         "author": "the name shown above", "source": WORDS, "version": IDS, "member_id": IDS, "media_id": IDS,
         "hash": "of a file", "search": "the same words, for finding"},
        {"title": "''", "body": "'{{}}'", "author": "''", "search": "''", "state": "'retired'", "member_id": "NULL",
         "interaction_id": "NULL", "media_id": "NULL"},
        {"key": "made of our own numbers", "kind": WORDS, "theme": "the team's", "tags": "the team's",
         "audience": "the team's", "season_from": "a date", "season_to": "a date", "source": WORDS,
         "hash": "of a file of ours"},
    ),
    "poll_vote": Place(
        "投票",
        MINE,
        {"use_id": "投票编号", "choice": "选项", "at": "时间"},
        {"id": IDS, "member_id": IDS},
        gone=True,
    ),
    "advice": Place(
        "给您的推荐",
        MINE,
        {"item": "推荐", "reason": "原因", "asked": "您要的", "at": "时间", "won_at": "打开或购买", "won_by": "方式"},
        {"id": IDS, "member_id": IDS, "explored": "how it was chosen", "link_id": IDS},
        gone=True,
    ),
    "dislike": Place(
        "不感兴趣",
        MINE,
        {"item": "什么", "at": "时间", "undone_at": "取消"},
        {"id": IDS, "member_id": IDS},
        gone=True,
    ),
    "click": Place(
        "打开的链接",
        f"link_id IN {MY_LINKS}",
        {"link_id": "链接编号", "at": "时间", "machine": "程序打开"},
        {"id": IDS},
    ),
    "short_link": Place(
        "发给您的链接",
        MINE,
        {"id": "编号", "url": "网址", "made_at": "时间", "content_id": "内容", "product_id": "商品",
         "campaign_id": "群发"},
        {"code": "a secret of the link", "member_id": IDS, "room_id": IDS, "use_id": IDS},
        {"member_id": "NULL"},
        {"code": "our own number", "url": "the brand's own page"},
    ),
    "handover": Place(
        "人工服务",
        MINE,
        {"id": "编号", "why": "原因", "context": "内容", "at": "时间", "taken_at": "接手", "done_at": "结束",
         "interaction_id": "往来编号", "account_id": "账号", "last_at": "最近"},
        {"member_id": IDS, "staff_id": "who of the team looked after it", "reminded_at": "of the team",
         "done_by": "who of the team"},
        {"context": "''", "done_at": "COALESCE(done_at, {now})"},
        {"why": WORDS, "done_by": "who of the team"},
    ),
    "faq_answer": Place(
        "问过的问题",
        MINE,
        {"interaction_id": "往来编号", "entry": "答案", "at": "时间", "wrong_at": "答错"},
        {"id": IDS, "member_id": IDS, "score": "how sure it was"},
        kept={"entry": "a name in our own list of answers"},
    ),
}  # fmt: skip

# Tables that hold nothing of members, with the reason.
EXEMPT_SAYING: dict[str, str] = {
    "campaign": "what is sent to whom by its condition; counts",
    "content_version": "what the team wrote before; a member's own content has no versions",
    "content_use": "counts of what came of a post",
    "slot": "what a room is to get when",
    "arm": "counts for kinds of people",
}
