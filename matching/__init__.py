"""Are two records the same thing? Pure: no database, no web, knows no domain."""
