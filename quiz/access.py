"""Who may call which route. Every endpoint has its row; a test compares this table with the URL map."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """Of an account that signs in at a desk."""

    ADMIN = "admin"
    ORGANISER = "organiser"

    @property
    def chinese(self) -> str:
        return {Role.ADMIN: "管理员", Role.ORGANISER: "组织者"}[self]


#: Open to the world, phones and walls included.
ANYONE = frozenset({"anyone"})
#: Needs the phone's token; the view loads what belongs to it with web.candidate().
CANDIDATE = frozenset({"candidate"})
DESK = frozenset({Role.ADMIN, Role.ORGANISER})

ACCESS: Mapping[str, frozenset[str]] = {
    "static": ANYONE,
    "web.healthz": ANYONE,
    "web.readyz": ANYONE,
    "web.openapi": ANYONE,
    "people.sign_in": ANYONE,
    "people.sign_out": DESK,
    "people.roster": DESK,
    "people.upload": DESK,
    "people.preview": DESK,
    "people.import_": DESK,
    "people.discard": DESK,
    "people.template": DESK,
    "exams.home": DESK,
    "exams.index": DESK,
    "exams.new": DESK,
    "exams.poster": DESK,
    "exams.qr": DESK,
    "exams.end": DESK,
    "questions.index": DESK,
    "questions.bank": DESK,
    "questions.export": DESK,
    "questions.upload": DESK,
    "questions.template": DESK,
    "authoring.question": DESK,
    "authoring.edit": DESK,
    "authoring.new": DESK,
    "authoring.create": DESK,
    "authoring.phone": DESK,
    "authoring.move": DESK,
    "authoring.bulk": DESK,
    "authoring.review": DESK,
    "authoring.twins": DESK,
    "authoring.merge": DESK,
    "authoring.audit": DESK,
    "regulations.index": DESK,
    "regulations.new": DESK,
    "regulations.load": DESK,
    "regulations.show": DESK,
    "regulations.repeal": DESK,
    "regulations.remove": DESK,
    "imports.preview": DESK,
    "imports.columns": DESK,
    "imports.problem_rows": DESK,
    "imports.import_": DESK,
    "imports.row": DESK,
    "imports.leave": DESK,
    "imports.fix": DESK,
    "imports.restore": DESK,
    "imports.alike": DESK,
    "imports.near": DESK,
    "imports.discard": DESK,
    "imports.close": DESK,
    "imports.undo": DESK,
    "sitting_api.sign_in": ANYONE,
    "sitting_api.join": ANYONE,
    "sitting_api.exam": ANYONE,
    "sitting_api.start": CANDIDATE,
    "sitting_api.show": CANDIDATE,
    "sitting_api.save": CANDIDATE,
    "sitting_api.submit": CANDIDATE,
    "sittings.home": ANYONE,
    "sittings.join": ANYONE,
    "sittings.notice": ANYONE,
    "sittings.start": CANDIDATE,
    "sittings.sit": CANDIDATE,
    "sittings.result": CANDIDATE,
    "sittings.review": CANDIDATE,
    # Whoever has not identified is led to practice.home.
    "practice.home": ANYONE,
    "practice.bank": ANYONE,
    "practice.start": ANYONE,
    "practice.question": ANYONE,
    # With the cookie of practising, web.known_practiser().
    "practice.answer": CANDIDATE,
    "practice.recall": CANDIDATE,
    "practice.mastered": CANDIDATE,
    "practice.desk": DESK,
    "practice.release": DESK,
    # Names of persons only at the desk for an exam; the view decides.
    "standing_api.units": ANYONE,
    "standing_api.persons": ANYONE,
    "standings.board": ANYONE,
    "standings.live": DESK,
    "standings.live_part": DESK,
    "standings.absent": DESK,
    "corrections.index": DESK,
    "corrections.preview": DESK,
    "corrections.apply": DESK,
    "corrections.undo": DESK,
    "make_up.page": DESK,
    "reports.make_up": DESK,
    "reports.scores": DESK,
    "reports.standings": DESK,
}
