"""The application on a fresh hub, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from mdm.store.hub import Hub
from tests.api.web import Web, serve


@pytest.fixture
def web(hub: Hub) -> Web:
    """A served hub."""
    return serve(hub)


@pytest.fixture
def lite(sqlite_hub: Hub) -> Web:
    """A served hub on SQLite, for what does not differ between databases."""
    return serve(sqlite_hub)
