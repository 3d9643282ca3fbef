"""What the settings allow but should not be done without knowing: said when the program starts, and by doctor."""

from datetime import date

from rules.settings import Settings
from rules.speaking.attention import quiet_until
from rules.times import at_local, parse_clock

SOME_DAY = date(2026, 1, 1)


def cautions(settings: Settings) -> tuple[str, ...]:
    """One text for each."""
    found = []
    if settings.points.share > 0:
        found.append(
            f"[points] share = {settings.points.share}：微信禁止用积分、优惠券或红包换取分享外链，账号可能被封；"
            "改成 0，用 referral_first_purchase 奖励朋友的第一次购买"
            " (WeChat forbids paying for shares; reward the friend's first purchase instead)"
        )
    return (*found, *_quiet_slots(settings), *_unheard_moments(settings))


def _quiet_slots(settings: Settings) -> list[str]:
    """Slots in the hours in which nobody is to be disturbed."""
    quiet, found = settings.attention.limits().quiet, []
    for name, rhythm in settings.rhythms.items():
        for slot_name, slot in rhythm.slots.items():
            moment = at_local(SOME_DAY, parse_clock(slot.at), "UTC")
            if quiet_until(moment, quiet, "UTC") > moment:
                found.append(
                    f"[rhythms.{name}.slots.{slot_name}] at = {slot.at} 在安静时段里，群里的人会被吵到；"
                    f"换个时间，或改 [attention] quiet (in the quiet hours; choose another time)"
                )
    return found


def _unheard_moments(settings: Settings) -> list[str]:
    """Moments at an hour behind which nothing may leave on that day any more."""
    quiet, midnight = settings.attention.limits().quiet, at_local(SOME_DAY, 24 * 60, "UTC")
    return [
        f"[moments.{name}] at = {wanted.at} 在安静时段里，到第二天才能发，而第二天就不发了；"
        "换个时间，或改 [attention] quiet (in the quiet hours: it could only leave the day after, and then it does not)"
        for name in type(settings.moments).model_fields
        if (wanted := getattr(settings.moments, name)).on
        and quiet_until(at_local(SOME_DAY, parse_clock(wanted.at), "UTC"), quiet, "UTC") >= midnight
    ]
