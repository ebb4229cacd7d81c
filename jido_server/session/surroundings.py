"""What all sessions of one server share."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from jido_server.sandbox.sandbox import Sandbox
from jido_server.session.clock import Clock
from jido_server.session.workers import Workers
from jido_server.storage.journal import Storage
from jido_server.updates import Record

Observer = Callable[[Record], None]


@attrs.frozen(kw_only=True)
class Surroundings:
    """What all sessions of one server share.

    Attributes:
        storage: Where their histories are kept.
        observer: Is told every update, after it was stored and applied.
        workers: The threads for what is slow.
        sandbox: Where scripts run.
        clock: Gives times and ids.
    """

    storage: Storage
    observer: Observer
    workers: Workers
    sandbox: Sandbox
    clock: Clock = attrs.field(factory=Clock)
