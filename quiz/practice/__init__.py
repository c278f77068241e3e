"""Practising outside any exam: by chapter, at random, or from one's own wrong questions (错题本).

Always true: only questions the bank releases for practice are shown; what somebody practises counts for
nothing else and is seen by nobody else.
"""
