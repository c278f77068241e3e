"""The commands of mingshi, one module per noun; ``quiz.cli`` puts them together."""
