"""Exams: what is asked, when, of whom, and how it counts.

Always true: an exam asks from the pool that was frozen when it was made; changing the bank afterwards
changes no exam. Codes are unique and never used again.
"""
