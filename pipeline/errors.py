"""Errors of the pipeline room: one root, one sentence each."""


class PipelineError(Exception):
    """The root of every error of the pipeline room; its text is the one line that a user sees."""


class UnknownNameError(PipelineError):
    """A name of a scenario, suite, subject or parameter that does not exist."""


class ScenarioFileError(PipelineError):
    """A scenario file that can't be read or whose content is not a scenario."""


class JobSpecError(PipelineError):
    """A stored job whose specification this version can't read."""


class TooManyJobsError(PipelineError):
    """A run of more jobs than can be planned, stored and shown."""


class KeyTakenError(PipelineError):
    """An idempotency key that belongs to an earlier run, which was another request."""


class TraceFormatError(PipelineError):
    """A trace file that can't be read in any known format."""


class TraceLoadError(PipelineError):
    """A trace load that asks for what its trace can't give."""


class SettingsError(PipelineError):
    """A flag or environment variable whose value can't be used."""


class ServerSettingError(PipelineError):
    """A server's configuration that a scenario may not ask for."""


class ServiceUnavailableError(PipelineError):
    """A broker, server or database that was needed does not answer."""
