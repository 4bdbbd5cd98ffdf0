"""Measurements: what the hub takes on this machine, beside what the machine could do at best."""
