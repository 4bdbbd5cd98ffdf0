"""Answers questions about golden records: lookup, search, history, origin."""
