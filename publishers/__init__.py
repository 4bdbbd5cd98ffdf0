"""Transports: how events leave the hub."""
