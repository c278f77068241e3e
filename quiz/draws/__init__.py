"""抽奖: prize draws whose result anybody can recompute from what was published (domain.md §3.5)."""
