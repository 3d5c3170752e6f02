"""Recording while measuring."""

import numpy as np

from workers.recorder import BLOCK_BYTES, ROW_BYTES, CodeBook, Recorder


def test_every_operation_is_kept_in_order_over_many_blocks() -> None:
    """Crossing from one block of memory into the next loses and repeats nothing."""
    count = 2 * (BLOCK_BYTES // ROW_BYTES) + 3
    recorder = Recorder()
    for number in range(count):
        recorder.record(number, 2 * number, number % 5)
    samples = recorder.samples()
    assert np.array_equal(samples.start_ns, np.arange(count))
    assert np.array_equal(samples.duration_ns, 2 * np.arange(count))
    assert np.array_equal(samples.code, np.arange(count) % 5)


def test_a_recorder_that_saw_nothing_has_empty_arrays() -> None:
    """No operation is no sample."""
    assert len(Recorder().samples()) == 0


def test_a_code_is_one_number_for_one_combination() -> None:
    """The book gives the same number again, and its order is the numbers'."""
    codes = CodeBook()
    numbers = [codes.number("get", "l1"), codes.number("set", "none"), codes.number("get", "l1")]
    assert numbers == [0, 1, 0]
    assert codes.codes == (("get", "l1", "ok"), ("set", "none", "ok"))


def test_what_was_due_when_is_kept_beside_and_the_first_can_be_left_out() -> None:
    """The intended time runs from when an operation was due to its end."""
    recorder = Recorder()
    for number in range(5):
        recorder.record(100 + number, 10 * number, 0)
    assert len(recorder) == 5
    samples = recorder.samples(np.array([90, 100]), since=3)
    assert samples.start_ns.tolist() == [103, 104]
    assert samples.intended_ns.tolist() == [103 + 30 - 90, 104 + 40 - 100]
    assert recorder.samples().intended_ns.tolist() == [0, 10, 20, 30, 40]
