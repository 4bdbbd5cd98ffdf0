"""What a transaction says of the act that it is."""

from __future__ import annotations

from mdm.store.hub import Hub
from mdm.store.transaction import TRACE, Act, transaction

OF_THE_REQUEST = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_an_act_with_facts_of_its_own_carries_the_trace_of_its_request_too(hub: Hub) -> None:
    token = TRACE.set(OF_THE_REQUEST)
    try:
        with transaction(hub.database, Act("config", "test", facts={"rules": "v2"})) as tx:
            assert tx.act.facts == {"traceparent": OF_THE_REQUEST, "rules": "v2"}
    finally:
        TRACE.reset(token)
    with transaction(hub.database, Act("config", "test", facts={"rules": "v3"})) as tx:
        assert tx.act.facts == {"rules": "v3"}
