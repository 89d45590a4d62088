"""The dialogs: each a modal screen that asks one question, or explains, and returns its answer as a value."""
