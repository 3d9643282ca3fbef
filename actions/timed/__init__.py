"""What happens by the clock: planned runs, posts, the nightly work, reminders."""
