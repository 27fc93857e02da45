"""Text packed into letters and digits, with a checksum; what comes from outside is bounded."""

from __future__ import annotations

import base64
import binascii
import re
import zlib

from tui_backprop.lessons.errors import LessonError
from tui_backprop.text.sentences import tr

PREFIX = "tb1-"
"""What a string begins with: ours, in the first form."""
LONGEST = 100_000
"""Characters of a string: a line that a shell takes."""
MOST_TEXT = 4 << 20
"""Characters that it may hold; a lesson's file has at most 2 MiB."""
_FORM = re.compile(r"tb(\d{1,4})-", re.ASCII)
_CHECK = 4
# Known to both sides and never to be changed: a string is read with what it was written with.
_KNOWN = (
    b'[validation]\nshare = 0.5\nmetrics = ["accuracy"]\n[samples]\nX = \ny = \n[data]\n[random]\nseed = 0\n'
    b'[hyperparameters]\noptimizer = "adam"\nlearning_rate = 0.1\niterations = 1000\nbatch_size = "all"\n'
    b'[parameters]\nW1 = { init = "xavier", shape = [2, 8] }\nb1 = { init = "zeros", shape = 8 }\n'
    b'title = "\nsummary = "\nformula = """\nh1 = tanh(X @ W1 + b1)\ny_hat = sigmoid(z)\nL = '
    b"mean((y_hat - y)**2)\n"
    b"n 0 0\n0 learning_rate=0.1\n0 iterations=1000\n0 optimizer=sgd\n0 momentum=0.9\n\nlogistic\n"
    b"--l1 0.001 --l2 0.001 --csv --target --loss cross_entropy mse --initializer he xavier --batch 10 "
    b"--features x,y,xx,yy,xy,sinx,siny --set momentum=0.9 --dataset moons sine blobs xor "
    b"circles relu sigmoid "
    b"d 0 0\n\n--layers 2,16,16,1 --activation tanh --dataset spiral --size 200 --noise 0 --validation 0.5 "
    b"--optimizer adam --learning-rate 0.03 --iterations 1000 --seed 0"
)


def is_shared(text: str) -> bool:
    """Tell whether a text is meant as such a string."""
    return _FORM.match(text.strip()) is not None


def pack(text: str) -> str:
    """Return a text as a string of letters, digits, ``-`` and ``_``.

    Raises:
        LessonError: it would be too long.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=_KNOWN)
    packed = packer.compress(text.encode()) + packer.flush()
    check = zlib.crc32(packed).to_bytes(_CHECK, "big")
    string = PREFIX + base64.urlsafe_b64encode(check + packed).decode().rstrip("=")
    if len(string) > LONGEST:
        raise LessonError(
            tr(
                "this would be a string of {count:,} characters, and {most:,} are the most; send "
                "the lesson's file",
                count=len(string),
                most=LONGEST,
            )
        )
    return string


def unpack(string: str) -> str:
    """Return the text of a string; spaces and line breaks that a mail has put in are passed over.

    Raises:
        LessonError: it is of another version, cut or changed, or would unpack to something huge.
    """
    whole = "".join(string[: 2 * LONGEST].split())
    form = _FORM.match(whole)
    if form is None:
        raise LessonError(tr("found no string that was shared; it begins with {right}", right=PREFIX))
    if not whole.startswith(PREFIX):
        raise LessonError(
            tr("the string begins with {found}, and this version reads {right}", found=form[0], right=PREFIX)
        )
    changed = LessonError(tr("the string is cut or changed: copy it whole"))
    body = whole.removeprefix(PREFIX)
    if len(whole) > LONGEST or not re.fullmatch(r"[A-Za-z0-9_-]+", body, re.ASCII):
        raise changed
    try:
        raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        raise changed from None
    check, packed = raw[:_CHECK], raw[_CHECK:]
    if len(check) < _CHECK or zlib.crc32(packed).to_bytes(_CHECK, "big") != check:
        raise changed
    unpacker = zlib.decompressobj(-15, zdict=_KNOWN)
    try:
        text = unpacker.decompress(packed, MOST_TEXT + 1)
        if len(text) > MOST_TEXT:
            raise LessonError(tr("the string holds more than {most} MiB", most=MOST_TEXT >> 20))
        if not unpacker.eof or unpacker.unused_data:
            raise changed
        return text.decode()
    except (zlib.error, UnicodeDecodeError):
        raise changed from None
