"""Plain exceptions that any layer may raise and web.py turns into a page or JSON."""


class RuleBroken(Exception):
    """A refusal: a stable ``code`` for programs and one Chinese ``message`` for the person.

    ``status`` is the HTTP status it becomes. Subclasses live beside the rule they enforce.
    """

    code = "refused"
    message = "现在不能这样做。"
    status = 409

    def __init__(self, message: str | None = None, *, retry_after: int | None = None) -> None:
        super().__init__(message or self.message)
        self.message = message or self.message
        self.retry_after = retry_after


class NotFound(RuleBroken):
    """Nothing there, or nothing this person may know of: the two are one answer on purpose."""

    code = "not-found"
    message = "没有找到这个页面。请核对网址，或者重新扫码。"
    status = 404


class NotSignedIn(RuleBroken):
    code = "not-signed-in"
    message = "请先核对身份。"
    status = 401


class Forbidden(RuleBroken):
    code = "forbidden"
    message = "你的账号没有这项权限。"
    status = 403


class BadRequest(RuleBroken):
    code = "bad-request"
    message = "发来的内容看不懂，没有保存。"
    status = 400
