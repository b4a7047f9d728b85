import ctypes
import os

librt = ctypes.CDLL(None, use_errno=True)
NAME, CREATE = b"/kept-by-%d" % os.getuid(), os.O_RDWR | os.O_CREAT | os.O_NONBLOCK


class Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_long) for name in ("flags", "most", "size", "now", "a", "b", "c", "d")]


number = input().encode()
before = "unknown"
queue = librt.mq_open(NAME, CREATE, 0o600, ctypes.byref(Attributes(0, 4, 64, 0)))
if queue >= 0:
    text = ctypes.create_string_buffer(64)
    size = librt.mq_receive(queue, text, 64, None)
    if size > 0:
        before = text.raw[:size].decode()
    librt.mq_send(queue, number, len(number), 0)
    if number == b"9":
        librt.mq_unlink(NAME)
print(before)
