"""Where the sentence in progress begins, in any language, from the text alone.

The last `_WINDOW` characters are read once, forwards, so the time does not depend on the text. Where a stop can be read
either way the sentence goes on: it is a nuisance to hear a sentence again, but worse to hear it from its middle.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_WINDOW = 640  # characters: two of the longest sentences, so that the quotation marks before the last one are seen
_LONGEST = 320  # characters of a sentence: about twenty seconds of speech at 15 characters a second
_LONGEST_DENSE = 130  # the same in Han, kana, Hangul, Thai and Lao, where a character is more speech
_QUOTE = 160  # characters: a quotation that is longer is told, not quoted, and sentences end inside it

# What a voice agent says every day, by each language's spelling rules; a small letter after the stop and a short word
# without a vowel tell the rest. Left of `|`: a dot after these ends no sentence, for what they announce must follow (a
# capital: only so); in some scripts the names of letters, which spell initials. Right: words that begin sentences.
_LANGUAGES = (
    "mr mrs ms messrs dr prof Rev Gen Col Capt Cmdr Lt Maj Sgt Sen Rep Gov Pres Hon st Mt Ft e.g i.e Dept Univ"
    "| the a an it its he she they we you your his her their our my this that these there then but and so or if when"
    " what why how who where which do does did is are can could would should let after before in on at as for with from"
    " both each some most all nobody nothing neither no not yes only just now also another one two here well",
    "hr Fr frl dipl Fa z.b d.h u.a v.a o.ä bzw ggf evtl inkl zzgl str mio mrd tsd std stk nr"
    "| der die das ein eine er sie es wir ihr ich dies diese dann da aber und wie was wer wo warum im am auf für soll",
    "sr sra srta dra dña ud uds lic Ing Sto Sta avda av p.ej| el la los las un una ella yo esto pero y si cuando en",
    "MM mme mlle Me mgr ste bd p.ex| le les une il elle ils elles nous vous je ce cette ces mais et quand puis alors",
    "sig sigg sig.ra dott dott.ssa avv ing geom On gent p.es v.le c.so p.zza| lo gli uno lei loro io noi questo poi",
    "exa exmo exma eng profa v.exa dep| os as um uma ele ela eles eu nós isto isso mas quem onde na depois então você",
    "dhr mevr mw drs ir mej bijv m.b.t ds jhr| het een hij zij ze ik wij je dit dat maar als wat wie hoe waar toen",
    "mec inż mgr hab ks św płk dyr al ul os im np tzw m.in woj| ten ona oni ja ale kto jak gdzie czy w po potem jest",
    "judr mudr phdr rndr mvdr doc Bc např tzn tj tř sv akad nám | já vy když kdy kdo kde proč pak je už mám",
    "Sn doç yrd öğr müh uzm bkz ör mim cad sok mah | bu şu biz siz ama ve ne nasıl nerede sonra bugün",
    "bpk sdr sdri tn ny Ir jl jln PT kh hj yth jend | itu ini dia mereka kami kita saya tetapi jika apa siapa lalu",
    "TS ThS GS PGS BS KS LS CN TP Tp TX | nó họ tôi bạn chúng nhưng và nếu khi ai gì sau",
    "проф акад инж доц адв ген ул пл просп пр-т пер бул наб им св тов см т.е т.к напр гр г-н г-жа д-р корп тыс млн"
    "| он она оно они мы вы я это этот эта но и а если когда что кто как где почему в на потом тогда сейчас через",
    "інж вул пров буд ім див | він вона воно вони ми ви це цей ця але й та якщо коли що хто як де чому у тоді зараз",
    "κα κος δρ καθ οδ λεωφ πλ π.χ δηλ αγ στρ | ο η το οι τα αυτός αυτή αυτό εγώ αλλά και αν όταν τι πώς πού γιατί στο",
    "डॉ डा मि श्री श्रीमती सुश्री कु प्रो पं स्व मो इं एड ए बी सी डी ई एफ जी एच आई जे के एल एम एन ओ पी आर एस टी यू वी |",
    "ড ডা ডঃ মি অধ্যা মো মোঃ মোসা শ্রী ইঞ্জি অ্যাড এ বি সি ডি ই এফ জি এইচ আই জে কে এল এম এন ও পি আর এস টি ইউ ভি |",
    "திரு திருமதி செல்வி டாக்டர் முனைவர் பேரா ஏ பி சி டி இ எஃப் ஜி எச் ஐ ஜே கே எல் எம் என் ஓ ஆர் எஸ் யு வி |",
    "اے بی سی ڈی ای ایف جی ایچ آئی جے کے ایل ایم این او پی کیو آر ایس ٹی یو وی ڈبلیو ایکس وائی زیڈ |",
    "ดร ผศ รศ นพ พญ |",
)
_LEADING, _OPENING = (frozenset(" ".join(row.split("|")[side] for row in _LANGUAGES).split()) for side in (0, 1))
_TABLES = (
    # a dot after these ends no sentence if a number follows
    "no nos nr num núm pp pg pag pág fig vol ch sec art op ex tel apt kap blz hal str jan feb mar apr jun jul aug sep"
    " sept oct nov dec approx ca cca rs rp ft lb ok стр рис гл кв тел ст ок σελ αρ τηλ नं क्र रु নং எண் ரூ מס טל",
    # these end a sentence where a capital follows, although they look as if they led on
    "a.m p.m a.d b.c c.e b.c.e m.d ph.d etc jr ltd inc co corp bros rd ln sq blvd usw usf ecc enz e.v itd itp atd apod"
    " vb dll dkk dsb dst tbk v.v a.c d.c т.д т.п н.э др пр грн руб коп μ.μ π.μ κ.λπ κλπ μ.χ",
    # a letter ends a sentence after these: `row K.`, but `by K. Mann`
    "a an row seat plan gate exit vitamin option type class grade answer question line room team letter group terminal"
    " was is floor size platform warehouse level part zone gleis reihe fila opción vitamina tipo терминал терминала",
    # after p.m.; words of two languages, which may end a sentence in the other
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday Eastern Central Pacific",
    "al im ir nám им пер",
)
_NUMBERED, _TRAILING, _LABELS, _DAYS, _WORDS_TOO = (frozenset(table.split()) for table in _TABLES)
# German has a dot after ordinals and capitals for nouns: `am 3. Mai`, `sein 1. Auto`
_ORDINAL = re.compile(r"(?i:[aiv]m|vom|zu[mr]|bis|seit|de[rnms]|die|das|jede\w?|\w+tag,|(?:[ms]ein|ihr|unser)\w{0,2})")
_MARKED_NAMES = ("yahoo", "yum", "wham", "jeopardy", "joomla")
_QUOTATIVES = ("と", "って", "라고", "이라고", "하고", "என்", "என ")  # after a quotation that is part of the sentence

_PAIRS = {'"': '"', "“": "”", "„": "“”", "«": "»", "»": "«", "「": "」", "『": "』"}
_PAIRS |= {"(": ")", "（": "）", "[": "]", "【": "】", "《": "》", "〈": "〉"}
_WIDE = "。！？｡．।॥؟۔։።፧፨។៕။།"  # stops that need no space after them
_MARK = re.compile(
    rf"(?P<stop>[.!?…‽{_WIDE}]+|(?<=[\u0370-\u03ff\u1f00-\u1fff])[;\u037e])"
    # items, paragraphs; Thai and Lao, which write no stop, end politely
    r"|(?P<edge>:\s+(?=1[.)]\s)|\n\s*\n|\n\s*(?=[-*•–]\s|\d+[.)]\s)|(?:ครับ|ค่ะ|คะ|จ้ะ|จ้า|ไหม|มั้ย|ບໍ|ເດີ)(?=\s))"
    r"|[\"“”„«»「」『』《》〈〉()（）\[\]【】]"
)
_LEAD = "\"'“”„«»‹›‘’「『《〈（([【{¿¡*_#—–-•\u00a0\u202f "
_NEXT = re.compile(rf"\s*(?P<lead>[{re.escape(_LEAD)}]*)(?P<word>\w*)(?P<mark>.?)", re.DOTALL)
_ODD_START = re.compile(r"[a-z]{1,3}[A-Z]|\w\)(?!\w)|[nst] [A-Z]")  # iPad, macOS; `a) first`; Dutch 's Avonds
_DENSE = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_VOWELLESS = re.compile(r"(?!hm|sh|tsk|pst)(?!.+[lr].)(?:([b-df-hj-np-tv-xzßł])(?!\1)[\u0300-\u036f]*){2,4}")
_EDGES = (  # of phrases, the best first
    r"(?:[.!?…;:—–\n,،]\s+|[。！？；：、，]\s*)(?=\S)",
    r"\s+(?=(?:and|but|so|und|aber|y|pero|et|mais|e|ma|mas|en|i|ale|ve|ama|dan|tapi|и|но|και|और|এবং|و|اور|và)\s)",
    r"\s+(?=\S)",
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
    start = read = 0
    quote: _Quote | None = None  # the stops inside it end nothing
    while found := _MARK.search(text, read):
        at, read = found.span()
        quote = None if quote and at - quote.at > _QUOTE else quote
        if found.lastgroup is None:
            quote = _follow_quote(text, at, start, quote)
            continue
        read, closed = _pass_closers(text, read, quote)
        quote = None if closed else quote
        if not quote and (found.lastgroup == "edge" or not _goes_on(text, start, found, read, closed)):
            start = read = len(text) - len(text[read:].lstrip())
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
    return _Quote(mark, at, not any(map(str.isalpha, said)), said.endswith(tuple(":,：，،、")))


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
    stop, after, following = found.group(), text[end : end + 1], _NEXT.match(text, end)
    words = text[start : found.start()].rsplit(None, 2)
    parted = after.isspace() or (after and stop[-1] in _WIDE) or (stop[-1] in "!?" and _DENSE.match(after))
    if not parted or not words or not following:
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
    return stop == "!" and words[-1].lower().endswith(_MARKED_NAMES) and not _opens(following)


def _is_small(text: str, at: int) -> bool:
    return text[at : at + 1].islower() and not _ODD_START.match(text, at) and not "ა" <= text[at] <= "ჿ"


def _opens(following: re.Match[str]) -> bool:
    """Whether a whole word follows that begins sentences."""
    return following["word"][:1].isupper() and following["word"].lower() in _OPENING and following["mark"] != ""


def _is_reported(text: str, end: int, closed: _Quote, following: re.Match[str], stop: str) -> bool:
    """Whether the sentence goes on after a quotation that holds a stop: `"Where?" Anna asked.`"""
    if closed.mark in "(（[【《〈":
        return not (closed.leads or _opens(following))
    if following["word"][:1].isupper():  # English may have a name in this place, most languages a verb or a dash
        return closed.leads and closed.mark in '"“' and stop != "." and not _opens(following)
    return closed.leads or not closed.introduced or text[end:].lstrip().startswith(_QUOTATIVES)


def _is_abbreviated(words: list[str], following: re.Match[str]) -> bool:
    """Whether the dot after the last of `words`, the last three at most of its sentence, is not a full stop."""
    word, before = words[-1].lstrip(_LEAD), "".join(words[-2:-1])
    if re.fullmatch(r"\d[\d.]*", word):
        return _is_ordinal(word, before, len(words), following)
    word = re.sub(r"^\w{1,5}['’](?=\w\w)", "", word)  # L'avv.
    if len(word) <= 2 and re.fullmatch(r"[^\W\d]\.", before):  # z. B., т. д.
        word = before + word
    key = word.lower()
    if key in _NUMBERED and (following["word"][:1].isdigit() or following["mark"] in tuple("$€£¥₹#")):
        return True
    if key in _TRAILING:
        return key in ("a.m", "p.m") and any(day.startswith(following["word"] or "-") for day in _DAYS)
    if key in ("st", "sr") and before[:1].isupper() and len(words) > 2:  # a street, not a saint
        return key == "sr" and not _opens(following)
    if word in _LEADING or (key in _LEADING and not word.isupper()):
        return key not in _WORDS_TOO or not _opens(following)
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
    return step or (following["word"][:1].isupper() and bool(_ORDINAL.fullmatch(before)))


def _is_initial(word: str, before: str, first: bool, following: re.Match[str]) -> bool:
    another = following["mark"] == "." and bool(re.fullmatch(r"(?![IVXLC]{2})[^\W\d_]{1,3}", following["word"]))
    indian = "\u0b80" <= word[:1] <= "\u0dff" and sum(map(str.isalpha, word)) == 1  # in the south, with a vowel sign
    if indian or (len(word) == 1 and word.isalpha()):
        if not word.isupper():
            return not "\u3040" <= word <= "\ud7af"
        if before.lower() in _LABELS or (word in "IVX" and before[:1].isupper()) or following["word"][:1].islower():
            return False
        return first or another or not _opens(following)
    if re.fullmatch(r"(?:[^\s\d.]{1,3}\.)+[^\s\d.]{1,4}", word):  # U.S., m.in.
        return not _opens(following)
    return word.isupper() and len(word) <= 4 and (another or (first and not word.strip("IVXLC")))


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
