"""The instruments' panels: what each writes of a `View`."""
