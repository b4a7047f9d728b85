"""Programs that use so much of one thing, for tests of policies' numbers."""

from __future__ import annotations

LOOP = "while True: pass\n"
SLEEP = "import time\ntime.sleep(10_000)\n"
FORKS = """
import errno, os, signal
made = 0
try:
    while made < 100_000:
        if os.fork() == 0:
            signal.pause()
        made += 1
except OSError as error:
    print(errno.errorcode[error.errno], made)
"""
OPENS = """
import errno, os
last = 0
try:
    while True:
        last = os.open("/dev/null", os.O_RDONLY)
except OSError as error:
    print(errno.errorcode[error.errno], last)
"""
# One file that grows until it may not, and more of them until there is no room.
ONE_FILE = """
import errno, os
try:
    with open("/tmp/one", "wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 20))
except OSError as error:
    print(errno.errorcode[error.errno], os.stat("/tmp/one").st_size >> 20)
"""
MANY_FILES = """
import errno
done = 0
try:
    while True:
        with open(f"/tmp/{done}", "wb", buffering=0) as file:
            assert file.write(bytes(1 << 20)) == 1 << 20
        done += 1
except (OSError, AssertionError) as error:
    try:
        open("/tmp/more", "wb", buffering=0).write(bytes(1 << 20))
    except OSError as error:
        print(errno.errorcode[error.errno], done)
"""
STACK = """
int main(void)
{
    volatile char all[%d];
    all[0] = 1;
    return all[0] - 1;
}
"""
_TABLE = """
#define A(...) __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__
#define B(...) A(A(A(__VA_ARGS__)))
static const int table[] = { B(B(%s)) };

int main(void)
{
    return table[0] - 1;
}
"""
TEMPLATES = """
#include <utility>

template <std::size_t... N> constexpr std::size_t sum(std::index_sequence<N...>) { return (N + ... + 0); }
template <int I> struct Table { static constexpr auto value = sum(std::make_index_sequence<I + 300>()); };
template <int... I> constexpr auto all(std::integer_sequence<int, I...>) { return (Table<I>::value + ... + 0); }

int main()
{
    return all(std::make_integer_sequence<int, 20000>()) == 0;
}
"""


def touched(mebibytes: int) -> str:
    """A Python program that writes to so much memory."""
    return f"hold = bytearray(b'x') * ({mebibytes} << 20)\nprint(len(hold) >> 20)\n"


def printed(size: int) -> str:
    """A Python program that prints so many bytes."""
    return f"import sys\nfor _ in range({size >> 10}):\n    sys.stdout.write('x' * 1024)\n"


def large_table(times: int) -> str:
    """C whose build takes some 35 MiB and a quarter of a second for each of `times`."""
    return _TABLE % ",".join(["1"] * times)


def warnings(count: int) -> str:
    """C that compiles with so many messages, of some 6,000 bytes each."""
    lines = "\n".join(f'#warning "{number} {"of many messages " * 170}"' for number in range(count))
    return f"{lines}\nint main(void) {{ return 0; }}\n"
