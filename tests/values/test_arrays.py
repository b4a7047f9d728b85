"""Against numpy itself, where it is installed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.jail.init import plain
from sandbox.judge.values.arrays import allclose, as_grid, broadcast
from sandbox.judge.values.compare import value_comparator
from sandbox.judge.values.decode import decode
from sandbox.judge.values.encode import encode
from sandbox.judge.values.types import ARRAY_DTYPES, NdArray, Opaque

numpy = pytest.importorskip("numpy")
relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(value):
    return decode(plain.encode(value).encode())


@pytest.mark.parametrize("dtype", ARRAY_DTYPES)
def test_arrays_of_every_dtype_survive_the_way_there_and_back(dtype):
    array = numpy.arange(6).astype(dtype).reshape(2, 3)

    value = read(array)

    assert isinstance(value, NdArray)
    assert (value.dtype, value.shape, list(value.elements())) == (dtype, (2, 3), array.ravel().tolist())
    back = plain.decode(encode(value))
    assert back.dtype == array.dtype
    assert back.tolist() == array.tolist()
    assert back.flags.writeable


@pytest.mark.parametrize(
    "array", [numpy.arange(6).reshape(2, 3).T, numpy.arange(6)[::-2], numpy.array(5), numpy.zeros((0, 2))]
)
def test_strided_empty_and_zero_dimensional_arrays_are_written_in_c_order(array):
    assert list(read(array).elements()) == array.ravel().tolist()
    assert read(array).shape == array.shape


def test_big_endian_arrays_are_written_little_endian():
    assert list(read(numpy.array([1, 2], dtype=">i4")).elements()) == [1, 2]


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        (numpy.int8(-1), -1),
        (numpy.uint64(2**64 - 1), 2**64 - 1),
        (numpy.float32(0.5), 0.5),
        (numpy.float64(0.1), 0.1),
        (numpy.bool_(True), True),
        (numpy.complex64(1 + 2j), 1 + 2j),
        (numpy.str_("a"), "a"),
        (numpy.bytes_(b"a"), b"a"),
    ],
)
def test_scalars_are_plain_numbers(scalar, value):
    assert value_comparator("")(read([scalar]), [value]).score == 1.0
    assert value_comparator("")(read({scalar: 1}), {value: 1}).score == 1.0


@pytest.mark.parametrize(
    "value",
    [
        numpy.array([object()]),
        numpy.array(["a"]),
        numpy.array(["2020-01-01"], dtype="M8[D]"),
        numpy.datetime64("2020-01-01"),
        numpy.longdouble(1),
        numpy.zeros(1, dtype="g"),
        numpy.zeros(1, dtype=[("a", "i4")]),
    ],
)
def test_what_has_no_fixed_form_is_opaque(value):
    assert isinstance(read(value), Opaque)


numbers = (
    st.floats(-2, 2)
    | st.integers(-2, 2)
    | st.booleans()
    | st.sampled_from([1e-7, 1 + 1e-7, float("inf"), float("nan"), 2**64, 1j, "a", None])
)
nested = st.recursive(
    numbers, lambda inner: st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple), max_leaves=6
)
pairs = st.tuples(nested, nested) | nested.map(lambda value: (value, value))


@relaxed
@given(pairs)
def test_allclose_agrees_with_numpy_broadcasting_included(pair):
    actual, expected = pair
    try:
        close = bool(numpy.allclose(actual, expected, rtol=1e-7, atol=1e-6))
    except (TypeError, ValueError, OverflowError):
        close = False

    grids = as_grid(actual), as_grid(expected)
    if None in grids:  # numpy finds anything close when there is nothing to compare
        assert not close or "[]" in repr(pair) or "()" in repr(pair)
        return
    stretched = broadcast(*grids)

    assert (stretched is not None and allclose(*stretched, 1e-7, 1e-6) is None) == close


@relaxed
@given(pairs)
def test_np_agrees_with_numpy_when_shapes_are_equal(pair):
    try:
        actual, expected = (numpy.array(value, dtype=complex) for value in pair)
    except (TypeError, ValueError, OverflowError):
        return
    close = actual.shape == expected.shape and bool(numpy.allclose(actual, expected))

    assert (value_comparator("np")(read(actual), read(expected)).score == 1.0) == close
