"""The library 素材库: what there is to say, as files and as items, whether it may go out, and finding it."""
