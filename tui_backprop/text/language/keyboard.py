"""Keys that were pressed while the keyboard wrote Hangul: which Latin letters stand on them.

Korea's standard keyboard, 두벌식 (KS X 5002), has a jamo on each letter's key: ㄴ is S, ㅜ is N. An input
method joins them to syllables, so 누 is S and N. Shift writes another jamo on seven keys only (ㄲ is R with
Shift); on the others it writes the same one, so those capitals cannot be told.
"""

from __future__ import annotations

import re
import unicodedata

_KEYS = {
    0x1100: "r R s e E f a q Q t T d w W c z x v g",
    0x1161: "k o i O j p u P h hk ho hl y n nj np nl b m ml l",
    0x11A8: "r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g",
}
"""The keys of Unicode's jamo in its order: those that begin a syllable, vowels, those that end one."""
_BY_JAMO = {first + place: keys for first, table in _KEYS.items() for place, keys in enumerate(table.split())}
_HANGUL = re.compile(r"[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3\uffa1-\uffdc]")


def typed_keys(text: str) -> str:
    """Return a text with the letters of the keys in place of its Hangul; all else stays.

    Args:
        text: jamo and syllables, composed (NFC) or not (NFD).
    """
    return _HANGUL.sub(lambda found: unicodedata.normalize("NFKD", found[0]).translate(_BY_JAMO), text)
