"""The command mingshi: exits 0 when done, 1 when it refuses with a sentence, 2 on wrong usage."""

import click

from quiz.commands import banks, draws, exams, people, privacy, server, upkeep
from quiz.commands.frame import Commands


@click.group(cls=Commands, help="明试：条例考试、知识竞赛和单位排行。")
def cli() -> None:
    pass


for command in (
    server.demo,
    server.serve,
    upkeep.database,
    upkeep.doctor_,
    people.admin,
    banks.bank,
    people.roster,
    exams.exam,
    exams.standings,
    draws.draw,
    privacy.privacy,
    upkeep.audit,
    upkeep.backup,
    upkeep.restore,
):
    cli.add_command(command)


def main() -> None:
    cli(prog_name="mingshi")
