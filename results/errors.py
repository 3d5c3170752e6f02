"""Errors of the results room: one root, one sentence each."""


class ResultsError(Exception):
    """The root of every error of the results room."""


class StoreUnavailableError(ResultsError):
    """The results database does not answer, is read-only, full or locked."""


class NewerLayoutError(StoreUnavailableError):
    """The results database was written by a newer Tierbench than this one."""


class UnknownRunError(ResultsError):
    """No stored run has that id or a unique id that begins so."""


class UnknownMetricError(ResultsError):
    """No metric has that name or a unique name that begins so."""

    def __init__(self, message: str, nearest: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.nearest = nearest


class UnknownFileError(ResultsError):
    """No stored file has that SHA-256, or its bytes do not match it."""


class FileTooLargeError(ResultsError):
    """A file is larger than what the results database takes."""


class InvalidExpectationError(ResultsError):
    """An expectation can't be judged as it is written."""
