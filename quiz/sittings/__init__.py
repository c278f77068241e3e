"""One person answering one paper: start, save, submit, mark. What the phone talks to.

Always true: an answer that was acknowledged is stored; a newer revision is never replaced by an older
one; nothing is stored after the last accepted instant or after submission; a sitting is marked once,
and what it adds to the person's result and the unit's total is added in the same transaction.
"""
