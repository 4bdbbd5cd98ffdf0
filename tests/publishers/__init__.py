"""Transports against real brokers."""
