"""Why a number is not a learner's own, as it is shown in its place. Importable without torch."""

from __future__ import annotations

NOT_WRITTEN = "not written yet"
NOT_RETURNED = "not returned"
GIVEN = "the program's own"
"""The file does without that part."""
