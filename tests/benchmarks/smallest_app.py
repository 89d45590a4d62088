"""The smallest Textual app that updates one Static on a key: what no key of a Textual app can be quicker than."""

from __future__ import annotations

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Static


class SmallestApp(App[None]):
    """Counts keys."""

    count = 0

    def compose(self) -> ComposeResult:
        yield Static("ready")

    def on_key(self, event: events.Key) -> None:
        self.count += 1
        self.query_one(Static).update(f"ready {self.count}")


if __name__ == "__main__":
    SmallestApp().run()
