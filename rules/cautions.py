"""What the settings allow but should not be done without knowing: said when the program starts, and by doctor."""

from rules.settings import Settings


def cautions(settings: Settings) -> tuple[str, ...]:
    """One text for each."""
    found = []
    if settings.points.share > 0:
        found.append(
            f"[points] share = {settings.points.share}：微信禁止用积分、优惠券或红包换取分享外链，账号可能被封；"
            "改成 0，用 referral_first_purchase 奖励朋友的第一次购买"
            " (WeChat forbids paying for shares; reward the friend's first purchase instead)"
        )
    return tuple(found)
