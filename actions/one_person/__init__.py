"""One person with several accounts: handles, matching, merging and taking a merge back."""
