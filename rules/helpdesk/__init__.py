"""Questions: finding the answer in the FAQ, or the person who has one."""
