"""Days and due times: the calendar, schedules, what staff wrote of a time."""
