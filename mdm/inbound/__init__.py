"""From a source's rows to clean records: mapping, arriving, staging, guarding."""
