"""Errors of the workers room: one root, one sentence each."""


class WorkersError(Exception):
    """The root of every error of the workers room."""


class SubjectError(WorkersError):
    """A subject that can't be found, built or started."""


class UnsupportedError(WorkersError):
    """An operation that a subject has said it lacks."""


class ServerError(WorkersError):
    """A server that a job started for itself does not do what it should."""


class FaultError(WorkersError):
    """A fault that could not be made effective or be undone."""


class DeadlineExceededError(WorkersError):
    """A job that took longer than its deadline."""


class FileMismatchError(WorkersError):
    """A file whose bytes are not those that the job was planned with."""


class LoadError(WorkersError):
    """A load that did not do all of its operations."""


class NotSupervisedError(WorkersError):
    """A worker process that no supervisor started."""


class PoisonedJobError(WorkersError):
    """A job that failed unread, or a run that nobody knows; its message is a dead letter."""


class InvalidAttemptError(WorkersError):
    """An attempt whose measurement can't be trusted; it is invalid, not failed."""


class HistoryError(WorkersError):
    """A history that does not hold each operation once."""


class LeftoverError(WorkersError):
    """Something that a job has left behind."""
