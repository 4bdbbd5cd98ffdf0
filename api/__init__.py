"""The hub over HTTP: it translates, and decides nothing."""
