"""mingshi bank import, mingshi bank export."""

from pathlib import Path

import click

from question_bank import writing
from quiz import clock
from quiz.commands.frame import FILE, WHO, Refused, as_json, in_app, say, say_problems
from quiz.extensions import transaction
from quiz.questions import queries, services
from quiz.questions.rules import FileRefused


@click.group(help="题库。")
def bank() -> None:
    pass


@bank.command("import", help="把题库文件读入题库。有错的行不会读入，每一处都会列出来。")
@click.argument("file", type=FILE)
@click.option("--bank", "name", required=True, help="题库名称，没有就新建。")
@click.option("--accept-good", is_flag=True, help="有错的行先放下，其余的照常读入。")
@as_json
@in_app()
@click.pass_context
def import_(context: click.Context, file: Path, name: str, accept_good: bool, json_: bool) -> None:
    at = clock.now()
    try:
        report = services.read_file(file)
    except FileRefused as error:
        raise Refused(error.message, exit_code=2) from error
    imported = 0
    if accept_good or not report.errors:
        with transaction():
            found = services.find_or_make_bank(name=name, at=at)
            imported = services.import_report(found, report=report, accept=accept_good, at=at, who=WHO)
    document = report.document() | {"imported": imported}
    say(document, json_=json_, words=lambda: f"读到 {len(report.questions)} 题，新入库 {imported} 题。")
    say_problems(report.problems)
    if report.errors and not accept_good:
        click.echo("有错的行，这次没有入库。改好后再来，或者加上 --accept-good。", err=True)
    context.exit(1 if report.errors else 0)


@bank.command(help="把题库写成文件，格式按文件的扩展名：xlsx、csv、gift、xml、zip、txt、docx。")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--bank", "name", required=True, help="题库名称。")
@in_app()
def export(file: Path, name: str) -> None:
    found = queries.bank_by_name(name)
    if found is None:
        raise Refused(f"没有叫“{name}”的题库。")
    written = [row.as_bank_question() for row in queries.approved(found.id)]
    for loss in writing.write(written, file):
        click.echo(f"第 {loss.number} 题：{loss.message.rstrip('。')}。", err=True)
    click.echo(f"已写出 {len(written)} 题，在 {file}。")
