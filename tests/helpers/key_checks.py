"""What pressing each key must do: a check by binding id, registered where it is written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from app_helpers import App, Driver

Check = Callable[[App, Driver, str], Awaitable[None]]
CHECKS: dict[str, Check] = {}


def checks(*ids: str) -> Callable[[Check], Check]:
    """Register what pressing these bindings' keys must do."""

    def register(check: Check) -> Check:
        CHECKS.update(dict.fromkeys(ids, check))
        return check

    return register
