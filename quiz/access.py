"""Who may call which route. Every endpoint has its row; a test compares this table with the URL map."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """Of an account that signs in at a desk."""

    ADMIN = "admin"
    ORGANISER = "organiser"
    #: 督导: reads how every unit is doing, changes nothing.
    SUPERVISOR = "supervisor"
    #: 单位联络员: one unit and those under it, and nothing of any other (people.queries.scope_of).
    UNIT_MANAGER = "unit-manager"
    #: 评卷人: marks short answers, which come without names, and sees nothing else.
    MARKER = "marker"
    #: 监考: the rooms assigned to this account, on the day of their exam, and nothing else.
    PROCTOR = "proctor"
    #: 三员: making accounts, saying what they may do, and reading the ledger, each another person's office.
    SYSTEM_ADMIN = "system-admin"
    SECURITY_ADMIN = "security-admin"
    AUDITOR = "auditor"
    #: An account that nobody has granted anything yet.
    NONE = "none"

    @property
    def chinese(self) -> str:
        return _CHINESE[self]


_CHINESE = {
    Role.ADMIN: "管理员",
    Role.ORGANISER: "组织者",
    Role.SUPERVISOR: "督导",
    Role.UNIT_MANAGER: "单位联络员",
    Role.MARKER: "评卷人",
    Role.PROCTOR: "监考",
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.SECURITY_ADMIN: "安全管理员",
    Role.AUDITOR: "审计管理员",
    Role.NONE: "未授权",
}


#: Open to the world, phones and walls included.
ANYONE = frozenset({"anyone"})
#: Needs the phone's token; the view loads what belongs to it with web.candidate().
CANDIDATE = frozenset({"candidate"})
DESK = frozenset({Role.ADMIN, Role.ORGANISER})
ADMINS = frozenset({Role.ADMIN})
#: Reads of all units.
READERS = frozenset({*DESK, Role.SUPERVISOR})
#: Reads that keep to the units of whoever asks: the view passes people.queries.scope_of() on.
SCOPED = frozenset({*READERS, Role.UNIT_MANAGER})
#: The three offices: making accounts, granting roles, reading the ledger; the last is what two of them need.
ACCOUNTS = frozenset({Role.ADMIN, Role.SYSTEM_ADMIN})
GRANTS = frozenset({Role.ADMIN, Role.SECURITY_ADMIN})
AUDIT = frozenset({Role.ADMIN, Role.AUDITOR})
ACCOUNT_PAGES = ACCOUNTS | GRANTS
#: Whose account opens more than exams: a second factor can be asked of them.
OFFICERS = ACCOUNTS | GRANTS | AUDIT
MARKERS = frozenset({*DESK, Role.MARKER})
#: Watches a room: which of them, rooms.watched_room() says.
PROCTORS = frozenset({*DESK, Role.PROCTOR})
#: Asks for leave and corrects the roster: a unit manager's word waits for an organiser's.
EDITORS = frozenset({*DESK, Role.UNIT_MANAGER})
#: Everybody with an account.
SIGNED_IN = frozenset(Role)

ACCESS: Mapping[str, frozenset[str]] = {
    "static": ANYONE,
    "web.healthz": ANYONE,
    "web.readyz": ANYONE,
    "web.openapi": ANYONE,
    # Shows digits, and whose they are to copy is in the token.
    "puzzles.picture": ANYONE,
    "people.sign_in": ANYONE,
    "sso.begin": ANYONE,
    "sso.back": ANYONE,
    "mine.page": CANDIDATE,
    "mine.as_json": CANDIDATE,
    "mine.as_workbook": CANDIDATE,
    "mine.withdraw": CANDIDATE,
    "mine.ask": CANDIDATE,
    "privacy.index": ADMINS,
    "privacy.decide": ADMINS,
    "privacy.tidy": ADMINS,
    "people.sign_out": SIGNED_IN,
    "own.page": SIGNED_IN,
    "own.password": SIGNED_IN,
    "own.end": SIGNED_IN,
    "own.end_others": SIGNED_IN,
    "people.code": ANYONE,
    "own.totp": SIGNED_IN,
    "audit.index": AUDIT,
    "audit.export": AUDIT,
    "accounts.index": ACCOUNT_PAGES,
    "accounts.new": ACCOUNTS,
    "accounts.show": ACCOUNT_PAGES,
    "accounts.grant": GRANTS,
    "accounts.retire": ACCOUNTS,
    "accounts.totp_off": ACCOUNTS,
    "accounts.reset": ACCOUNTS,
    "accounts.unlock": ACCOUNTS,
    "accounts.sso": ACCOUNTS,
    "accounts.end_sign_ins": ACCOUNTS,
    "persons.new": EDITORS,
    "persons.show": EDITORS,
    "persons.retire": EDITORS,
    "persons.sign_out": DESK,
    "persons.decide": DESK,
    "persons.new_unit": DESK,
    "persons.unit": DESK,
    "persons.retire_unit": DESK,
    "people.roster": SCOPED,
    "people.upload": DESK,
    "people.preview": DESK,
    "people.import_": DESK,
    "people.discard": DESK,
    "people.template": DESK,
    "exams.home": SCOPED,
    "exams.index": SCOPED,
    "exams.new": DESK,
    "exams.poster": SCOPED,
    "exams.qr": SCOPED,
    "exams.copy": DESK,
    "exams.rehearse": DESK,
    "exams.rules_page": SCOPED,
    "batching.page": DESK,
    "batching.named": DESK,
    "batching.name": DESK,
    "batching.unname": DESK,
    "composing.show": DESK,
    "composing.change": DESK,
    "composing.drop": DESK,
    "settings.change": DESK,
    "settings.remove": DESK,
    "settings.archive": DESK,
    "settings.restore": DESK,
    "terms.change": DESK,
    "posters.page": SCOPED,
    "posters.pdf": SCOPED,
    "questions.index": DESK,
    "questions.bank": DESK,
    "questions.export": DESK,
    "questions.take_away": DESK,
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
    "imports.index": DESK,
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
    "sitting_api.time": ANYONE,
    "sitting_api.start": CANDIDATE,
    "sitting_api.show": CANDIDATE,
    "sitting_api.clock": CANDIDATE,
    "sitting_api.save": CANDIDATE,
    "sitting_api.note": CANDIDATE,
    "sitting_api.late": CANDIDATE,
    "sitting_api.submit": CANDIDATE,
    "sittings.home": ANYONE,
    "sittings.join": ANYONE,
    "sittings.notice": ANYONE,
    "sittings.start": CANDIDATE,
    "sittings.sit": CANDIDATE,
    "sittings.take_over": CANDIDATE,
    "sittings.result": CANDIDATE,
    "sittings.review": CANDIDATE,
    "marking.mine": MARKERS,
    "marking.index": DESK,
    "marking.next_": MARKERS,
    "marking.answer": MARKERS,
    "marking.give": MARKERS,
    "marking.markers": DESK,
    "marking.count": DESK,
    "marking.decide": DESK,
    "sittings.appeal": CANDIDATE,
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
    "practice.during": DESK,
    # Names of persons only at the desk for an exam; the view decides.
    "standing_api.units": ANYONE,
    "standing_api.wall": ANYONE,
    "standing_api.persons": ANYONE,
    "standings.board": ANYONE,
    # Gives the link of the wall, which shows every unit.
    "standings.wall": READERS,
    "ranking.page": DESK,
    "ranking.preview": DESK,
    "ranking.save": DESK,
    "ranking.head": DESK,
    "ranking.wall": DESK,
    "ranking.move": DESK,
    "reveal.page": DESK,
    "reveal.freeze": DESK,
    "reveal.begin": DESK,
    "reveal.step": DESK,
    "reveal.over": DESK,
    "reveal.publish": DESK,
    "standings.own": CANDIDATE,
    "stages.index": DESK,
    "stages.page": DESK,
    "stages.add": DESK,
    "stages.weigh": DESK,
    "stages.drop": DESK,
    "stages.admit": DESK,
    # Masked, and ranks only where every stage's are open to all.
    "stages.show": ANYONE,
    "written.index": DESK,
    "written.settle": DESK,
    "profile.change": CANDIDATE,
    "leave.index": SCOPED,
    "leave.ask": EDITORS,
    "leave.withdraw": EDITORS,
    "leave.decide": DESK,
    "standings.live": SCOPED,
    "standings.live_part": SCOPED,
    "standings.absent": SCOPED,
    "running.people": DESK,
    "running.extend": DESK,
    "running.pause": DESK,
    "running.resume": DESK,
    "running.end": DESK,
    "running.units": DESK,
    "running.extra": DESK,
    "running.seat": DESK,
    "running.void": DESK,
    "running.restore": DESK,
    "records.index": SCOPED,
    "records.sitting": SCOPED,
    # A unit may ask for one of its own people.
    "records.appeal": frozenset({*DESK, Role.UNIT_MANAGER}),
    "records.decide": DESK,
    "records.late": DESK,
    "records.bring": DESK,
    "records.pack": DESK,
    "records.hints": DESK,
    "records.conduct": DESK,
    "flags.index": DESK,
    "flags.decide": DESK,
    "flags.clear_all": DESK,
    "flags.undo": DESK,
    "room_screen.page": DESK,
    "room_screen.code": DESK,
    "rooms.index": DESK,
    "rooms.add": DESK,
    "rooms.split": DESK,
    "rooms.seat": DESK,
    "rooms.clear": DESK,
    "rooms.listed": DESK,
    "rooms.show": DESK,
    "rooms.remove": DESK,
    "rooms.paper": DESK,
    "proctoring.index": frozenset({Role.PROCTOR}),
    "proctoring.show": PROCTORS,
    "proctoring.part": PROCTORS,
    "proctoring.code": PROCTORS,
    "proctoring.extend": PROCTORS,
    "proctoring.person": PROCTORS,
    "proctoring.note": PROCTORS,
    "corrections.index": DESK,
    "corrections.preview": DESK,
    "corrections.apply": DESK,
    "corrections.undo": DESK,
    "make_up.page": DESK,
    "reports.make_up": SCOPED,
    "reports.page": SCOPED,
    # With whole phone numbers.
    "reports.full": DESK,
    "reports.scores": SCOPED,
    "reports.standings": SCOPED,
    "certificates.page": DESK,
    "certificates.issue": DESK,
    "certificates.revoke": DESK,
    "certificates.sheets": DESK,
    "certificates.file": DESK,
    "certificates.mine": CANDIDATE,
    "certificates.my_file": CANDIDATE,
    # Masked; whoever asks has the number from the certificate.
    "certificates.verify": ANYONE,
    # Masked, and nothing but what was published.
    "draws.verify": ANYONE,
    "draws.notice": ANYONE,
    "draws.listed": ANYONE,
    "draws.published": ANYONE,
    "draws.recompute": ANYONE,
    "draws.screen": ANYONE,
    "draws.state": ANYONE,
    "draws.mine": ANYONE,
    "draw_desk.index": DESK,
    "draw_desk.new": DESK,
    "draw_desk.show": DESK,
    "draw_desk.exclude": DESK,
    "draw_desk.include": DESK,
    "draw_desk.publish": DESK,
    "draw_desk.agree": DESK,
    "draw_desk.hold": DESK,
    "draw_desk.reveal": DESK,
    "draw_desk.announce": DESK,
    "draw_desk.hand_over": DESK,
    "draw_desk.lapse": DESK,
    "draw_desk.close": DESK,
    "draw_desk.abandon": DESK,
}


def allowed(endpoint: str, *, separate: bool) -> frozenset[str] | None:
    """Who may call this endpoint; None without a row. ``separate``: 三员分立, when an administrator runs
    exams like an organiser and holds none of the three offices."""
    roles = ACCESS.get(endpoint)
    if separate and any(roles is office for office in (ACCOUNTS, GRANTS, AUDIT, ACCOUNT_PAGES)):
        return roles - {Role.ADMIN} if roles else roles
    return roles
