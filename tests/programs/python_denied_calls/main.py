import ctypes

libc = ctypes.CDLL(None, use_errno=True)
SYS_BPF, SYS_PERF_EVENT_OPEN, SYS_IO_URING_SETUP, SYS_USERFAULTFD, SYS_KEXEC_LOAD = 321, 298, 425, 323, 246
print(libc.unshare(0x10000000), libc.mount(b"none", b"/tmp", b"tmpfs", 0, None), libc.chroot(b"/tmp"))
print([libc.syscall(number, 0, 0, 0, 0, 0) for number in (SYS_BPF, SYS_PERF_EVENT_OPEN, SYS_IO_URING_SETUP, SYS_KEXEC_LOAD)])
print(libc.ptrace(16, 1, 0, 0), libc.sethostname(b"mine", 4), libc.swapon(b"/tmp/x", 0))
