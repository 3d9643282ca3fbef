"""The part of the configuration about a person's moments, and about naming somebody in a room."""

from typing import Literal

from pydantic import Field

from rules.rhythm.moments import Lacking, Policy
from rules.section import ClockTime, Section


class BirthdaySettings(Section):
    on: bool = True
    at: ClockTime = "09:00"
    leap_day: Lacking = "before"  # where 29 February is kept in other years: the 28th, 1 March, not at all
    lunar_30: Lacking = "before"  # the same for the lunar 30th in a month of 29 days
    leap_month: Literal["first", "second"] = "first"  # of a lunar month that comes twice

    def policy(self) -> Policy:
        return Policy(self.leap_day, self.lunar_30, self.leap_month)


class AnniversarySettings(Section):
    on: bool = True
    at: ClockTime = "10:00"
    most: int = Field(300, ge=1, le=1_000_000)  # more people of one day were brought in at once: nobody joined then


class ServiceSettings(Section):
    on: bool = True
    at: ClockTime = "10:30"
    days: int = Field(7, ge=1, le=90)  # so long before the service is due
    done_by: tuple[str, ...] = ()  # categories: whoever buys of them has had the service


class WinBackSettings(Section):
    on: bool = True
    at: ClockTime = "15:00"
    silent_days: int = Field(180, ge=30, le=720)
    within_days: int = Field(30, ge=1, le=365)  # who fell silent longer ago than both together is left in peace


class MomentSettings(Section):
    """What a person gets because of a day that is theirs alone, each once."""

    birthday: BirthdaySettings = BirthdaySettings()
    anniversary: AnniversarySettings = AnniversarySettings()
    service: ServiceSettings = ServiceSettings()
    win_back: WinBackSettings = WinBackSettings()


class NamingSettings(Section):
    """Naming one member with care in a room, with their consent."""

    rooms: tuple[str, ...] = ()  # topics, room ids or tag:…; none: off
    at: ClockTime = "10:40"
    per_week: int = Field(1, ge=1, le=7)  # about so often in one room
    rest_days: int = Field(30, ge=1, le=365)  # nobody is named again within, in whichever room
    fact_days: int = Field(14, ge=1, le=90)  # what is said of somebody is not older
    asks: int = Field(3, ge=0, le=50)  # people asked for their consent, a room and day
