"""The tests of the hub: one folder per package; `servers/` holds what they talk to."""
