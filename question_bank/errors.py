"""Why a file could not be read, or not be written, at all."""


class CannotRead(Exception):
    """The file as a whole is refused; no report exists.

    ``code`` is stable and English, ``message`` one Chinese sentence or two for the organiser.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class CannotWrite(Exception):
    """The questions cannot be written in this format; nothing was written.

    ``code`` is stable and English, ``message`` one Chinese sentence or two for the organiser.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
