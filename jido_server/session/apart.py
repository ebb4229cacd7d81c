"""Keeps the trouble of one session from the others."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from jido_server.errors import JidoError

log = logging.getLogger(__name__)


@contextmanager
def apart(session_id: str, what: str) -> Iterator[None]:
    """Log what fails, and go on: whoever asked did not ask for this session, or needs it no more.

    Args:
        session_id: Whose trouble it is.
        what: What was not done, as the end of "Session … ".
    """
    try:
        yield
    except JidoError as error:
        log.warning("Session %s %s: %s", session_id, what, error)
    except Exception:
        log.exception("Session %s %s", session_id, what)
