"""PID 1 of a cell: takes programs from the server, runs each test in a process of its own, says how it ended.

Started by a `sitecustomize` module while the interpreter starts, as `python main.py`. A candidate's process leaves
that module as if there had been none; the interpreter goes on to run `main.py`, with nothing of the init below it.

The server's side is `sandbox/jail/cell.py`; both speak JSON, one datagram a message, descriptors attached:

    hello    what the cell is: counters, filter, disk                  -> ready
    limits   a set of limits, and the number under which tests will name it
    test     descriptors of one test, and what to do with them        -> result
             with `program`: the files of the next program, in a bundle; with `last`: no more tests of this one;
             with `actor`: a mount to act on; with `listen` in it, the way out goes to the server first -> listener
    end      no more tests of this program, whatever still runs
"""

import atexit
import gc
import importlib
import importlib.util
import json
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

from . import (
    calls,
    child,
    counters,
    driver,
    ending,
    heap,
    immortal,
    kernel,
    leftover,
    mappings,
    notices,
    preload,
    walks,
    warmup,
    watch,
    world,
)

ACTS = "command" in preload.MODES
if ACTS or TYPE_CHECKING:
    from . import acting

CONTROL, STOP = 3, 4
_MESSAGE, _FDS = 16384, 32
_USER_LIMITS = {"max_user_namespaces": "0", "max_inotify_instances": "4", "max_inotify_watches": "1024"}
# What may still be charged for an earlier test when the next one starts: bytes, or a share of the limit.
_SETTLED, _SETTLED_SHARE, _SETTLE_S = 4 << 20, 1 / 16, 2.0
_ALONE_S = 0.2
# What an action wrote may be looked at for a while yet, and what it read stays cached: neither is worth a wait.
_ACTION_SETTLE_S = 0.01


class Init:
    """The state of a cell between tests: no byte of any program, no descriptor of any test."""

    def __init__(self) -> None:
        self._receiver = calls.Receiver(CONTROL, _MESSAGE, _FDS)
        self._home = world.Home()
        self._world: world.World | None = None
        self._left: world.World | None = None
        self._program: dict[str, Any] = {}
        self._bundle = -1
        self._cancelled = False
        self._memory_limit = -1
        self._limits: dict[int, dict[str, Any]] = {}
        self._trouble, self._trouble_in = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def serve(self) -> "dict[str, Any]":
        """Answers messages until the server hangs up. Returns only in a candidate's process, with its job."""
        while True:
            data, fds = self._receiver.receive()
            if not data:
                os._exit(0)
            message = json.loads(data)
            try:
                job = self._handle(message, fds)
            except OSError as error:
                self._send({"op": "failed", "why": f"{message['op']}: {error}"})
                os._exit(1)
            if job is not None:
                return job

    def _handle(self, message: "dict[str, Any]", fds: "list[int]") -> "dict[str, Any] | None":
        op = message["op"]
        if op == "test":
            if message.get("program"):
                self._open_program(message["program"], fds.pop())
            try:
                job = None if self._cancelled else self._test(message, fds)
            finally:
                for fd in fds:
                    os.close(fd)
            if job is None and message["last"] and not self._cancelled:
                self._end_program()
            return job
        if op == "end":
            if message["stopped"]:
                os.read(STOP, 1)  # of this program; that of the next may be there already
            self._end_program()
        elif op == "limits":
            self._limits[message["id"]] = {**message, "rlimits": calls.resource_limits(message["rlimits"])}
        elif op == "hello":
            self._hello(message, fds)
        return None

    def _open_program(self, program: "dict[str, Any]", bundle: int) -> None:
        if self._bundle >= 0:  # the program before was not ended: nothing of it stays
            self._leave_world()
            os.close(self._bundle)
        self._bundle = bundle
        self._program = program

    def _hello(self, message: "dict[str, Any]", fds: "list[int]") -> None:
        names = message["counters"]
        self._counters = counters.open_counters(message["cgroup"], dict(zip(names, fds, strict=True)))
        filters = notices.Filters(message["seccomp"], message["watched"])
        self._seccomp = filters.seccomp
        self._watch = watch.Watch(self._counters, STOP, os.cpu_count() or 1, filters.notices, walks.Walks())
        self._default_disk = message["disk"]
        self._fresh = message["fresh"]
        kernel.detach(message["boot_mount"].encode())
        os.environ.pop("LD_BIND_NOW", None)
        # Counted against the account that made the cell, too: one cell must not take them from all.
        for name, value in _USER_LIMITS.items():
            with open(f"/proc/sys/user/{name}", "w") as file:
                file.write(value)
        kernel.drop_inherited_capabilities(acting.CAPABILITIES if ACTS else frozenset())
        _forget_init()
        self._cpus = kernel.Cpus()
        self._make_world(self._default_disk)
        self._idle_memory = self._counters.memory()
        self._residents = self._counters.processes()
        version = ".".join(map(str, sys.version_info[:3]))
        self._send({"op": "ready", "version": version, "idle_memory": self._idle_memory})

    def _test(self, message: "dict[str, Any]", fds: "list[int]") -> "dict[str, Any] | None":
        """Runs one test. `fds`: stdin, stdout, stderr, and what the job's mode needs."""
        limits = self._limits[message["limits"]]
        actor = message.get("actor")
        mount = fds.pop() if actor else -1
        place = self._enter_world()
        if actor:
            acting.show(mount)
            if actor["listen"]:
                acting.listen(CONTROL, message["number"])
        if limits["memory"] != self._memory_limit:
            self._memory_limit = limits["memory"]
            self._counters.limit_memory(self._memory_limit + self._idle_memory)
        base = self._settled_memory(_ACTION_SETTLE_S if actor else _SETTLE_S)
        self._counters.start_peak()
        place.newest += 1
        self._watch.start()
        pid = self._cpus.fork()
        if pid == 0:
            become_actor = acting.becoming(actor["uid"], actor["gid"]) if actor else None
            child.become_candidate(fds, self._trouble_in, limits["rlimits"], self._seccomp, become_actor)
            fds.clear()  # they have other numbers now
            if "table" in self._program:
                preload.give_way(os.listdir(world.WORK))
            return message["job"]
        outputs, out = fds[1:3], fds[message["job"]["places"]["claims"]] if message["collect"] else -1
        if "piped" in message:
            # Whoever is at the other end sees when the candidate closes them, and nothing later.
            for fd in fds[:2]:
                os.close(fd)
            del fds[:2], outputs[0]
        try:
            result = self._watch.run(pid, 0 if place.searched else place.newest, limits, outputs)
        except watch.Cancelled:
            self._cancelled = True
            self._leave_world()
            return None
        place.searched |= result["end"] == "wall"
        if os.waitstatus_to_exitcode(result["status"]) == child.TROUBLE:
            self._report_trouble()
        # Only a world with nobody left in it and nothing changed may see another test. Processes and threads that are
        # gone have changed it, too: the numbers of later ones tell how many there were.
        alone = self._counters.can_count and self._counters.processes() == self._residents
        keep = "keep" in message and self._is_alone_soon()
        alone = alone or keep
        only = alone and self._home.newest_process() == pid
        if message["collect"]:
            if not keep:
                place.empty()
            result["collected"] = leftover.collect(message["collect"], out, limits["file"])
        if actor:
            # Nobody has the workspace open, and no mount of it is left, by the time that the server hears of the end.
            place.empty()
            self._leave_world()
        elif keep:
            leftover.move(*message["keep"])
        elif self._fresh or message["collect"] or result["walked"] or not only or not place.is_untouched():
            self._leave_world()
        result["op"] = "result"
        result["number"] = message["number"]
        result["peak"] = max(0, self._counters.peak() - base)
        result["alone"] = alone
        self._send(result)
        return None

    def _is_alone_soon(self) -> bool:
        """Whether nobody is left in the world; the kernel may count a process for a moment after its end."""
        deadline = time.monotonic() + _ALONE_S
        while self._counters.can_count and self._counters.processes() != self._residents:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.001)
        return self._counters.can_count

    def _settled_memory(self, patience_s: float) -> int:
        """What is charged before a test: the kernel takes back what an earlier one left a little after its end."""
        room = max(_SETTLED, self._memory_limit * _SETTLED_SHARE)
        deadline = time.monotonic() + patience_s
        while True:
            charged = self._counters.memory()
            if charged <= self._idle_memory + room or time.monotonic() > deadline:
                return charged
            time.sleep(0.001)

    def _report_trouble(self) -> None:
        """A candidate may exit with any code; only a child that failed before it became one can write to this pipe."""
        try:
            why = os.read(self._trouble, 4096)
        except BlockingIOError:
            return
        raise OSError(why.decode(errors="replace"))

    def _enter_world(self) -> world.World:
        """A world that holds the program's files and nothing else."""
        disk = self._program["disk"]
        if self._world is not None and self._world.disk_bytes != disk:
            self._leave_world()
        place = self._world or self._make_world(disk)
        if not place.used:
            if "main" in self._program:
                place.fill(
                    self._bundle, [(sys.argv[0].removeprefix(f"{world.WORK}/"), 0, self._program["main"], False)]
                )
            elif "table" in self._program:
                self._fill_by_child(place, *self._program["table"])
            place.seal()
        return place

    def _fill_by_child(self, place: world.World, table: int, size: int) -> None:
        """Names of files are the program's bytes, too: a process reads them that ends before any candidate starts."""
        place.newest += 1
        pid = os.fork()
        if pid == 0:
            try:
                place.fill(self._bundle, json.loads(os.pread(self._bundle, size, table)))
            except BaseException as error:
                os.write(self._trouble_in, f"files: {type(error).__name__}: {error}".encode()[:4000])
                os._exit(child.TROUBLE)
            os._exit(0)
        if os.waitpid(pid, 0)[1] != 0:
            self._report_trouble()
            raise OSError("the process that lays out files was killed")

    def _leave_world(self) -> None:
        """Its processes are told to die; `_make_world` waits until they are dead."""
        if self._world is not None:
            self._world.leave()
            self._left, self._world = self._world, None

    def _make_world(self, disk: int) -> world.World:
        """A new world; by the time that it stands, the kernel has taken the old one apart."""
        made = world.World(self._home, disk)
        if self._left is not None:
            self._left.empty()
            self._left = None
        self._world = made
        return made

    def _end_program(self) -> None:
        self._leave_world()
        if self._bundle >= 0:
            os.close(self._bundle)
            self._bundle = -1
        self._cancelled = False
        # Made ahead, while the last answer is judged.
        self._make_world(self._default_disk)

    def _send(self, message: "dict[str, Any]") -> None:
        os.write(CONTROL, json.dumps(message).encode())


def _forget_init() -> None:
    """Makes the interpreter look as if it had imported nothing but what candidates are meant to find."""
    for name in set(sys.modules) - preload.KEPT:
        del sys.modules[name]
    importlib.invalidate_caches()
    # What the interpreter would find out by probing: the program is a file, not an archive.
    sys.path_importer_cache[os.path.abspath(sys.argv[0])] = None
    # Fills the path finders' caches, which every candidate would fill again.
    importlib.util.find_spec("sitecustomize")
    preload.packages()
    warmup.warm()
    gc.collect()
    heap.close_holes()
    calls.trim_heap()
    mappings.join()
    mappings.inherit_code()
    immortal.immortalise()
    gc.freeze()
    ending.renew_main()


def _code_of(mode: str) -> "Any":
    module, function = _FURTHER[mode]
    return getattr(importlib.import_module(f".{module}", __package__), function)


_FURTHER = {
    "check": ("checking", "check"),
    "command": ("acting", "command"),
    "serve": ("serve", "serve"),
    "split": ("asserting", "run"),
    "suite": ("suite", "run"),
}
_MODES = {
    "call": driver.call,
    "compile": driver.compile_only,
    # Loaded only where the cell is for it: all that is here at a fork, the fork copies.
    **{mode: _code_of(mode) for mode in preload.MODES},
}


def main() -> None:
    """Serves. Leaves in a candidate's process only, by the exception that means that there is no `sitecustomize`."""
    atexit.register(ending.finish)
    try:
        job = Init().serve()
    except BaseException as error:
        # Whatever happens, this interpreter must not go on to a candidate's `main.py` with the init's rights.
        driver.show(error)
        os._exit(1)
    mode = job["mode"]
    places = job["places"]
    arguments = child.read_arguments(places.get("arguments"))
    if "environment" in places:
        child.read_environment(places["environment"])
    if mode == "exec":
        child.execute(job["path"] or places["extra"], [job["argv0"], *arguments])
    elif mode in _MODES:
        _MODES[mode](sys.argv[0], places, job["seed"])
    if "crash" in job:
        ending.crash_with(*job["crash"])
    driver.seed(job["seed"])
    sys.argv.extend(arguments)
    raise ImportError(name="sitecustomize")
