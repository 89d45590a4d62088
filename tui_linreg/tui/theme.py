"""The app's own two themes; every built-in theme works as well."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="linreg-dark",
    primary="#56b6f7",
    secondary="#e68ae6",
    accent="#ffb347",
    foreground="#d5dde8",
    background="#0f141b",
    surface="#131a23",
    panel="#18212c",
    success="#7ee0a1",
    warning="#f0d264",
    error="#ff6b6b",
    dark=True,
    variables={"border": "#2c3947", "border-blurred": "#2c3947", "footer-key-foreground": "#56b6f7"},
)
LIGHT = Theme(
    name="linreg-light",
    primary="#0069b4",
    secondary="#9a2f9a",
    accent="#a85a00",
    foreground="#20262e",
    background="#fdfdfb",
    surface="#f4f5f3",
    panel="#e9ecef",
    success="#137a3a",
    warning="#806000",
    error="#c01818",
    dark=False,
    variables={"border": "#c3ccd5", "border-blurred": "#c3ccd5", "footer-key-foreground": "#0069b4"},
)
