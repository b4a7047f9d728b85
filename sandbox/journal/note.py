"""Signed notes and checkpoints, as C2SP signed-note and tlog-checkpoint write them.

A checkpoint is `ORIGIN\\nSIZE\\nBASE64(root)\\n`, an empty line, and lines `— NAME BASE64(key hash ‖ signature)`. Keys
are Ed25519, written as Go's `golang.org/x/mod/sumdb/note` does: `NAME+HASH+BASE64(0x01 ‖ key)`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sandbox.errors import SandboxError

_ED25519 = b"\x01"
_PREFIX = "PRIVATE+KEY+"
_MAX_NOTE = 64 << 10
_MAX_SIGNATURES = 100
_NAME = re.compile(r"[^\s+\x00-\x1f]{1,200}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteError(SandboxError):
    """A note, a checkpoint or a key that does not hold."""

    code = "note"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a signed checkpoint says: the tree of `origin`'s first `size` records has this root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Verifier:
    """A public key, and the name that it signs for."""

    def __init__(self, vkey: str) -> None:
        name, _, rest = vkey.strip().partition("+")
        given, _, key = rest.partition("+")
        raw = _base64(key)
        if not _NAME.fullmatch(name) or len(raw) != 33 or raw[:1] != _ED25519 or given != _hash(name, raw).hex():
            raise NoteError(f"{vkey[:80]!r} is no verifier key", fix="it reads NAME+HASH+BASE64, of an Ed25519 key")
        self.name, self.vkey, self._hash = name, vkey.strip(), _hash(name, raw)
        self._key = Ed25519PublicKey.from_public_bytes(raw[1:])

    def open(self, note: str) -> str:
        """The text of a note that this key has signed. Other signatures are passed over. Raises NoteError."""
        if len(_utf8(note)) > _MAX_NOTE:
            raise NoteError("the note is too long")
        text, found, lines = note.rpartition("\n\n")
        if not found or not note.endswith("\n"):
            raise NoteError("not a signed note", fix="a text, an empty line, and lines of signatures")
        text += "\n"
        signatures = lines.split("\n")[:-1]
        if not 0 < len(signatures) <= _MAX_SIGNATURES:
            raise NoteError("a signed note has 1 to 100 signatures")
        ours: list[bytes] = []
        for line in signatures:
            name, _, encoded = line.removeprefix("— ").partition(" ")
            raw = _base64(encoded)
            if not line.startswith("— ") or not _NAME.fullmatch(name) or len(raw) < 5:
                raise NoteError(f"not a line of a signature: {line[:80]!r}")
            if name == self.name and raw[:4] == self._hash:
                ours.append(raw[4:])
        if not ours:
            raise NoteError(f"not signed by {self.name}", fix="give the verifier key of the journal that made it")
        try:
            for signature in ours:
                self._key.verify(signature, text.encode())
        except InvalidSignature as error:
            raise NoteError(f"the signature of {self.name} is wrong") from error
        return text

    def checkpoint(self, note: str) -> Checkpoint:
        """What a checkpoint says, if this key has signed it. Raises NoteError."""
        return parse(self.open(note))


def parse(text: str) -> Checkpoint:
    """A checkpoint's signed text. Lines behind the root (extensions) are allowed, as C2SP says. Raises NoteError."""
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0] or not _SIZE.fullmatch(lines[1]) or len(root := _base64(lines[2])) != 32:
        raise NoteError("not a checkpoint", fix="its lines are origin, size and root")
    return Checkpoint(lines[0], int(lines[1]), root)


class Signer:
    """A private key: signs notes, and vouches for records so that only who holds it can add some."""

    def __init__(self, skey: str) -> None:
        name, _, rest = skey.strip().removeprefix(_PREFIX).partition("+")
        given, _, key = rest.partition("+")
        raw = _base64(key)
        if not skey.startswith(_PREFIX) or not _NAME.fullmatch(name) or len(raw) != 33 or raw[:1] != _ED25519:
            raise NoteError("not a signer's key", fix="move the file away: a new key is made at the next start")
        self.name, self._key = name, Ed25519PrivateKey.from_private_bytes(raw[1:])
        public = _ED25519 + self._key.public_key().public_bytes_raw()
        self._hash = _hash(name, public)
        if given != self._hash.hex():
            raise NoteError("a signer's key whose hash is not its own")
        self.verifier = Verifier(f"{name}+{self._hash.hex()}+{base64.b64encode(public).decode()}")
        self._seal = hmac.digest(raw[1:], b"sandbox journal: records\n" + name.encode(), "sha256")

    def sign(self, text: str) -> str:
        """The signed note of `text`, which ends with a line feed."""
        signature = base64.b64encode(self._hash + self._key.sign(text.encode())).decode()
        return f"{text}\n— {self.name} {signature}\n"

    def seal(self, data: bytes) -> bytes:
        """A keyed hash of a record's bytes, 32 bytes: who writes to the store without the key cannot make one."""
        return hmac.digest(self._seal, data, "sha256")


def new_key(name: str) -> str:
    """A new signer's key. Raises NoteError for a name with spaces or plus signs."""
    if not _NAME.fullmatch(name):
        raise NoteError(f"{name!r} cannot be the name of a key", fix="no spaces, no plus signs, 200 characters at most")
    key = Ed25519PrivateKey.generate()
    public = _ED25519 + key.public_key().public_bytes_raw()
    private = base64.b64encode(_ED25519 + key.private_bytes_raw()).decode()
    return f"{_PREFIX}{name}+{_hash(name, public).hex()}+{private}"


def load_signer(folder: Path, origin: str = "") -> Signer:
    """The key of a journal's folder, made at first use, in a file that only its owner can read.

    `origin`: the name for a new key; by default one that no other journal has. Raises NoteError where the file can be
    read by others or holds another name, OSError.
    """
    path = folder / "key"
    if not path.exists():
        _create(path, new_key(origin or f"sandbox-journal/{secrets.token_hex(8)}"))
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    with os.fdopen(fd, encoding="utf-8") as file:
        if os.fstat(fd).st_mode & 0o077:
            raise NoteError(f"{path} can be read by others", fix=f"chmod 600 {path}")
        signer = Signer(file.read(4096))
    if origin and signer.name != origin:
        raise NoteError(f"{path} is the key of {signer.name}, not of {origin}")
    return signer


def _create(path: Path, text: str) -> None:
    """Whole or not at all, durable, and the first of several processes wins."""
    draft = path.with_name(f".key-{secrets.token_hex(8)}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(fd)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _hash(name: str, public: bytes) -> bytes:
    return hashlib.sha256(_utf8(f"{name}\n") + public).digest()[:4]


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise NoteError("a note holds what is no Unicode") from error


def _base64(text: str) -> bytes:
    """Strict; nothing for what is no base64, or not its only form."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if base64.b64encode(raw).decode() == text else b""
