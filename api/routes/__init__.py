"""The routes of the HTTP contract, by subject."""
