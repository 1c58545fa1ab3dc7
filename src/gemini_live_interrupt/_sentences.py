"""Where the sentence in progress begins, in any language, from the text alone.

The last `_WINDOW` characters are read once, forwards, so the time does not depend on the text. Where a stop can be read
either way the sentence goes on: it is a nuisance to hear a sentence again, but worse to hear it from its middle.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from ._abbreviations import (
    DAYS,
    LABELS,
    LEADING,
    MARKED_NAMES,
    NUMBERED,
    OPENING,
    ORDINAL,
    QUOTATIVES,
    TRAILING,
    WORDS_TOO,
)
from ._unspoken import EDGE, EMOJI, ends_with_emoji, skip

_WINDOW = 640  # characters: two of the longest sentences, so that the quotation marks before the last one are seen
_LONGEST = 320  # characters of a sentence: about twenty seconds of speech at 15 characters a second
_LONGEST_DENSE = 130  # the same in Han, kana, Hangul, Thai and Lao, where a character is more speech
_LEAD_IN = 40  # characters in which a sentence has a letter, if it is one
_QUOTE = 160  # characters: a quotation that is longer is told, not quoted, and sentences end inside it

_PAIRS = {'"': '"', "“": "”", "„": "“”", "«": "»", "»": "«", "「": "」", "『": "』"}
_PAIRS |= {"(": ")", "（": "）", "[": "]", "【": "】", "《": "》", "〈": "〉"}
_WIDE = "。！？｡．।॥؟۔։።፧፨។៕။།"  # stops that need no space after them
_POLITE = (  # not where a particle stands by itself: some transcripts have a space between all words
    "(?:です|でした|でしょう|ます|ました|ません|ましょう|ください)(?:よね|[かねよ])?"
    r"(?=\s+(?!(?:ね|よ|か|が|けど|けれど|から|ので|のに|し|と|の|わ)(?:[\s、。]|$)))"
)
_MARK = re.compile(
    rf"(?P<stop>[.!?…‽{_WIDE}]+|(?<=[\u0370-\u03ff\u1f00-\u1fff])[;\u037e])"
    # items, paragraphs; Thai and Lao, which write no stop, end politely, and so does Japanese that has a space for one
    r"|(?P<edge>:\s+(?=1[.)]\s)|\n\s*\n|\n\s*(?=[-*•–]\s|\d+[.)]\s)|(?<=\w\w|.[.:,;!?])\s+(?=[*•]\s+[^\W\d])"
    rf"|(?:ครับ|ค่ะ|คะ|จ้ะ|จ้า|ไหม|มั้ย|ບໍ|ເດີ)(?=\s)|{_POLITE}|{EDGE})|(?P<emoji>{EMOJI})"
    r"|[\"“”„«»「」『』《》〈〉()（）\[\]【】]"
)
_LEAD = "\"'“”„«»‹›‘’「『《〈（([【{¿¡*_#—–-•\u00a0\u202f "
_NEXT = re.compile(rf"\s*(?P<lead>[{re.escape(_LEAD)}]*)(?P<word>\w*)(?P<mark>.?)", re.DOTALL)
_ODD_START = re.compile(r"[a-z]{1,3}[A-Z]|\w\)(?!\w)|[nst] [A-Z]")  # iPad, macOS; `a) first`; Dutch 's Avonds
_JOINED = re.compile(r"[\u0590-\u0dff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # no case, but full stops
_DENSE = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SPELLED = re.compile(r"(?:^|\s)\w\. \w\. \w\.$")  # a name, letter by letter: three may be somebody's initials
_VOWELLESS = re.compile(r"(?!hm|sh|tsk|pst)(?!.+[lr].)(?:([b-df-hj-np-tv-xzßł])(?!\1)[\u0300-\u036f]*){2,4}")
_EDGES = (  # of phrases, the best first
    r"(?:[.!?…;:—–\n,،]\s++|[。！？；：、，]\s*+)(?=\S)",
    r"\s++(?=(?:and|but|so|und|aber|y|pero|et|mais|e|ma|mas|en|i|ale|ve|ama|dan|tapi|и|но|και|और|এবং|و|اور|và)\s)",
    r"\s++(?=\S)",
    r"(?=\w)",  # no combining mark
)


class _Quote(NamedTuple):
    """A quotation or bracket that is not closed yet."""

    mark: str
    at: int
    leads: bool  # it begins its sentence
    introduced: bool  # by a colon or a comma


def cut_sentence(text: str) -> str:
    """Return the sentence in progress at the end of `text`, from its beginning, without the white space before it.

    Any language. Text that ends with a whole sentence gives that sentence. Where no stop is near, the result goes back
    to a phrase that began about twenty seconds earlier in speech. Takes the same short time however long the text is.
    """
    known = text.rstrip()
    window = known[-_WINDOW:].lstrip()
    return text[len(known) - len(window) + _phrase_start(window, _sentence_start(window)) :] if known else ""


def _sentence_start(text: str) -> int:
    start = read = skip(text, 0)
    quote: _Quote | None = None  # the stops inside it end nothing
    while found := _MARK.search(text, read):
        at, read = found.span()
        quote = None if quote and at - quote.at > _QUOTE else quote
        if found.lastgroup is None:
            quote = _follow_quote(text, at, start, quote)
            continue
        if found.lastgroup == "stop":
            read, closed = _pass_closers(text, read, quote)
            quote = None if closed else quote
            if quote or _goes_on(text, start, found, read, closed):
                continue
        elif quote or (found.lastgroup == "emoji" and not ends_with_emoji(text, at)):
            continue
        start = read = skip(text, read)
    return start


def _follow_quote(text: str, at: int, start: int, quote: _Quote | None) -> _Quote | None:
    """Open or close a quotation or a bracket; where the form of the mark does not tell, the spaces around it do."""
    mark, before, after = text[at], text[at - 1] if at > start else " ", text[at + 1 : at + 2] or " "
    if mark == '"' and before.isalnum() and after.isalnum() and not _DENSE.match(before):
        return quote  # Hebrew abbreviations, inches
    if quote and not (mark == quote.mark == '"' and before.isspace() and not after.isspace()):  # else never closed
        return None if mark in _PAIRS[quote.mark] else quote
    if mark not in _PAIRS or (mark in '"»' and (after.isspace() or before.isalpha())):
        return None
    said = text[start:at].rstrip()
    return _Quote(mark, at, not any(map(str.isalpha, said[:_LEAD_IN])), said.endswith(tuple(":,：，،、")))


def _pass_closers(text: str, at: int, quote: _Quote | None) -> tuple[int, _Quote | None]:
    """Return where the quotation marks and brackets after a stop end, and the quotation if they close it."""
    closed = None
    while at < len(text):
        at += bool(quote and quote.mark == "«" and re.match(r"\s»", text[at : at + 2]))  # French
        if quote and not closed and text[at] in _PAIRS[quote.mark]:
            closed = quote
        elif text[at] not in "'’”»*_)]" and not (text[at] == '"' and text[at + 1 : at + 2].isspace()):
            break
        at += 1
    return at, closed


def _goes_on(text: str, start: int, found: re.Match[str], end: int, closed: _Quote | None) -> bool:
    """Whether the sentence goes on after a stop and the quotation marks that follow it, up to `end`."""
    begin = skip(text, end)
    stop, after, following = found.group(), text[end : end + 1], _NEXT.match(text, begin)
    words = text[start : found.start()].rsplit(None, 2)
    if not words or not following or not after:
        return True
    if not (
        begin > end
        or stop[-1] in _WIDE
        or (stop[-1] in "!?" and _DENSE.match(after))
        or _is_joined(words[-1], following)
    ):
        return True
    great = following["word"][:1].isupper()
    cased = words[-1][-1].lower() != words[-1][-1].upper() or not words[-1][-1].isalpha()
    if cased and _is_small(text, following.start("word")) and not _is_small(text, start):
        return True
    if not great and any(dash in following["lead"] for dash in "—–-"):  # a reporting clause, a second thought
        return True
    if closed:
        return _is_reported(text, end, closed, following, stop)
    if stop != "." and not stop.strip(".…"):  # a hesitation, unless much was said
        return found.start() - start < 25 or not _opens(following)
    if stop in ".۔":
        return _is_abbreviated(words, following)
    return stop == "!" and words[-1].lower().endswith(MARKED_NAMES) and not _opens(following)


def _is_small(text: str, at: int) -> bool:
    return text[at : at + 1].islower() and not _ODD_START.match(text, at) and not "ა" <= text[at] <= "ჿ"


def _is_joined(last: str, following: re.Match[str]) -> bool:
    """Whether a sentence begins right after the stop, without a space: two turns, or a script that has no full stop."""
    word = following["word"]
    if _JOINED.match(word):
        return word[0].isalpha() and not last[-1].isupper()
    whole = (word[1:] or last[-1]).islower() and following["mark"] not in tuple("._(/@")  # else a file, a function
    if not word[:1].isupper() or following["lead"] not in ("", "¿", "¡") or not whole:
        return False
    return (len(last) > 2 or _opens(following)) and not any(mark in last for mark in "./:@_") and not last[-1].isupper()


def _opens(following: re.Match[str]) -> bool:
    """Whether a whole word follows that begins sentences."""
    return following["word"][:1].isupper() and following["word"].lower() in OPENING and following["mark"] != ""


def _is_reported(text: str, end: int, closed: _Quote, following: re.Match[str], stop: str) -> bool:
    """Whether the sentence goes on after a quotation that holds a stop: `"Where?" Anna asked.`"""
    if closed.mark in "(（[【《〈":
        return not (closed.leads or _opens(following))
    if following["word"][:1].isupper():  # English may have a name in this place, most languages a verb or a dash
        return closed.leads and closed.mark in '"“' and stop != "." and not _opens(following)
    return closed.leads or not closed.introduced or text[end:].lstrip().startswith(QUOTATIVES)


def _is_abbreviated(words: list[str], following: re.Match[str]) -> bool:
    """Whether the dot after the last of `words`, the last three at most of its sentence, is not a full stop."""
    word, before = words[-1].lstrip(_LEAD), "".join(words[-2:-1])
    if len(word) == 1 and (_SPELLED.search(" ".join(words[:-1])[-9:]) or re.fullmatch(r"\w[,،、]", before)):
        return _is_initial_next(following)
    if re.fullmatch(r"\d[\d.]*", word):
        return _is_ordinal(word, before, len(words), following)
    word = re.sub(r"^\w{1,5}['’](?=\w\w)", "", word)  # L'avv.
    if len(word) <= 2 and re.fullmatch(r"[^\W\d]\.", before):  # z. B., т. д.
        word = before + word
    key = word.lower()
    if key in NUMBERED and (following["word"][:1].isdigit() or following["mark"] in tuple("$€£¥₹#")):
        return True
    if key in TRAILING:
        return key in ("a.m", "p.m") and any(day.startswith(following["word"] or "-") for day in DAYS)
    if key in ("st", "sr") and before[:1].isupper() and len(words) > 2:  # a street, not a saint
        return key == "sr" and not _opens(following)
    if word in LEADING or (key in LEADING and not word.isupper()):
        return key not in WORDS_TOO or not _opens(following)
    if before[-1:].isdigit() and word.islower() and len(word) <= 4:  # 5 ft., в 1943 г.
        return False
    return _is_initial(word, before, len(words) == 1, following) or (
        bool(_VOWELLESS.fullmatch(unicodedata.normalize("NFD", key)))
        and not (word.isupper() or _opens(following) or (word.istitle() and before[:1].isupper() and len(words) > 1))
    )


def _is_ordinal(number: str, before: str, words: int, following: re.Match[str]) -> bool:
    if words == 1 or len(number) > 2:  # the number of an item, or a long number and a full stop
        return words == 1
    step = words == 2 and before.istitle()  # Step 1.
    return step or (following["word"][:1].isupper() and bool(ORDINAL.fullmatch(before)))


def _is_initial(word: str, before: str, first: bool, following: re.Match[str]) -> bool:
    another = _is_initial_next(following)
    indian = "\u0b80" <= word[:1] <= "\u0dff" and sum(map(str.isalpha, word)) == 1  # in the south, with a vowel sign
    if indian or (len(word) == 1 and word.isalpha()):
        if not word.isupper():
            return not "\u3040" <= word <= "\ud7af"
        if another:
            return True
        if before.lower() in LABELS or (word in "IVX" and before[:1].isupper()) or following["word"][:1].islower():
            return False
        return first or not _opens(following)
    if re.fullmatch(r"(?:[^\s\d.]{1,3}\.)+[^\s\d.]{1,4}", word):  # U.S., m.in.
        return another or not _opens(following)
    return word.isupper() and len(word) <= 4 and (another or (first and not word.strip("IVXLC")))


def _is_initial_next(following: re.Match[str]) -> bool:
    return following["mark"] == "." and bool(re.fullmatch(r"(?![IVXLC]{2})[^\W\d_]{1,3}", following["word"]))


def _phrase_start(text: str, start: int) -> int:
    """Return `start`, or a later edge of a phrase if that is too far back to be repeated."""
    dense = len(_DENSE.findall(text, max(0, len(text) - _LONGEST)))
    longest = _LONGEST_DENSE if dense > _LONGEST // 3 else _LONGEST
    earliest = len(text) - longest
    if start >= earliest:
        return start
    for edge in _EDGES:
        if found := re.compile(edge).search(text, earliest, len(text) - longest // 4):
            return found.end()
    return earliest
