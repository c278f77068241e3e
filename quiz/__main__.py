"""python -m quiz does what the installed command mingshi does."""

from quiz.cli import main

main()
