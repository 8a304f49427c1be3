"""One observer in place of several."""

from __future__ import annotations

from batcher.core.events import Event, Observer


def fan_out(*listeners: Observer) -> Observer:
    """Hands every event to each of the listeners, in their order."""

    def tell(event: Event) -> None:
        for listener in listeners:
            listener(event)

    return listeners[0] if len(listeners) == 1 else tell
