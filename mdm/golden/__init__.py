"""What a golden record is: identity, state, and what changes when its sources do."""
