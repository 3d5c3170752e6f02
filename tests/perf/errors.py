"""What can go wrong with a measurement."""


class PerfError(Exception):
    """A measurement that can't be made, or that did not measure what it says."""


class WrongAnswersError(PerfError):
    """Reads were not answered by the tier that the row is about."""
