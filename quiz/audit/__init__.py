"""Who changed what: one row per deed that may be disputed, never changed or removed."""
