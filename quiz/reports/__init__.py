"""Workbooks and documents made from what happened. Reads everything, writes nothing."""
