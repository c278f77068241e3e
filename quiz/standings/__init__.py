"""Units and persons ranked: the wall in the hall, the organiser's live page, the API.

Always true: a rank follows from the stored unit totals and the printed formula alone; equal keys share
a rank (1, 2, 2, 4); names on a public page are masked.
"""
