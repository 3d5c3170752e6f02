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


class UnknownSideError(ResultsError):
    """What was named as one side of a comparison means nothing, several things, or no figures."""


class NothingComparableError(ResultsError):
    """Two sides have no series in common."""


class BaselineError(ResultsError):
    """A baseline is not there, or can't be set as asked."""


class UnknownFileError(ResultsError):
    """No stored file has that SHA-256, or its bytes do not match it."""


class FileTooLargeError(ResultsError):
    """A file is larger than what the results database takes."""


class DamagedJobError(ResultsError):
    """A stored job whose row can't be read any more."""

    def __init__(self, message: str, *, job_id: str, run_id: str) -> None:
        super().__init__(message)
        self.job_id = job_id
        self.run_id = run_id


class InvalidExpectationError(ResultsError):
    """An expectation can't be judged as it is written."""


class ExchangeError(ResultsError):
    """A file that is no whole export which this Tierbench can read, or can't be made."""


class MissingExtraError(ResultsError):
    """What is asked for needs a package that is not installed."""


class FinalRunError(ResultsError):
    """A run that was imported or pruned can't be begun again: what it needs is not here."""
