"""`cut_sentence` begins at the sentence in progress: claims by kind, then by property, then on the shared data."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from cost import grows_linearly
from hypothesis import example, given
from hypothesis import strategies as st

from gemini_live_interrupt._sentences import cut_sentence

DATA = Path(__file__).parents[2] / "shared" / "data" / "sentences-dev.jsonl"

# In each text the sentence in progress begins at the bar.
TITLES_AND_NAMES = [
    "I called twice. |Mr. Abernathy never picked up.",
    "It is late. |Ask Dr. Osei or Prof. Lund about it",
    "The dinner was loud. |St. George's is quieter and",
    "He lives on Quarry St. |The house is",
    "I know Luis Vega Sr. |His son",
    "We read all night. |The book by C. S. Lewis was",
    "Who was it? |J.R.R. Tolkien wrote",
    "It was signed by Harry S. Truman and",
    "She works for the U.N. |They pay",
    "The U.S. Navy sailed",
    "Il pleut. |Mme Blanc et M. Noir sont",
    "Ha telefonato. |L'avv. Conti e il dott. Serra",
    "Er kommt. |Hr. Krause und Fr. Dr. Wolf",
    "Prišel je. |Mgr. Horák",
    "Pes zavyl na vlk. |Potom",
    "Приходил проф. Лебедев. |Он ждал",
    "А. П. Чехов жил",
    "यह डॉ. मेहता हैं। |वे",
    "எம். ஜி. ராமன் வந்தார். |அவர்",
    "மு. கண்ணன் பேசினார். |பிறகு",
    "اے۔ کے۔ صدیقی آئے۔ |وہ",
    "جاء د. سامي. |ثم",
    "I watched it. |Yahoo! Sports says the",
    "Shop at Yum! |The prices",
]
ABBREVIATIONS = [
    "Pack soap, towels, etc. |We leave",
    "Use a fruit, e.g. Apples from",
    "The shop shuts at 6 p.m. |Come early",
    "It opens at 9 a.m. Saturday and",
    "It opens at 9 a.m. Sat",
    "The match is Reds vs. Blues and",
    "It weighs 12 oz. |Wrap it",
    "Look at fig. 4 and",
    "Do you want it? |No. |It can wait",
    "Wir treffen uns z. B. Montag oder",
    "Kaffee, Tee usw. |Danach",
    "Это было в 1956 г. |Потом",
    "Хлеб, сыр и т. д. |Всё",
    "Estamos en EE. UU. desde",
    "Terzi Lale Sok. No",
    "Quiero ir. |La casa",
    "Er blijft bij ir. Visser",
    "Hmm. |Tea",
    "I live on Larkspur Ln. |Come by",
    "Bel mgr. Wouters",
    "The TV. |Nobody",
]
NUMBERS = [
    "It costs $4.50. |Tax is 0.35 dollars",
    "Install 3.11.4 now. |Then restart",
    "The code is 4471. |9 people know",
    "We met in 1988. |That summer",
    "Do this. |1. Open the lid.",
    "Do this. 1. Open the lid. |2. Close it.",
    "Your list: |1. Milk and",
    "Read on. |Step 2. Stir the pot",
    "Er kommt am 3. Mai und",
    "Das ist sein 2. Auto. |Es",
    "Auf Seite 12. |Danach",
    "Mieszka na 4. piętrze",
    "There are three. |a) The red one",
    "They came first: 12 of them",
    "Mine's 13. |Yours",
    "Pages:\n- eggs\n|- milk",
    "Pages:\n1. eggs\n|2. milk",
]
LETTERS = [
    "You sit in row F. |Nobody else",
    "Take vitamin D. |Sunlight",
    "It was Henry V. |Nobody cheered",
    "They fought in World War I. |Peace",
    "Rome had Pius XII. |People",
    "II. Mehmet geldi",
    "Выход из терминала А. |iPhone",
    "You chose plan B. |iCloud",
]
QUOTATIONS = [
    'He left. |"Where to?" the porter asked.',
    "He left. |“Where to?” the porter asked.",
    'He left. |"Where to?" Emma asked',
    '"Where to?" I asked',
    '"Where to?" |The porter said nothing',
    'He said, "I am off." |Then',
    'A sign said "Stop! No entry." in red',
    'He said "wait and left. "No" came',
    '"Call me Ishmael." |That is',
    "„Wohin?“, fragte er. |„Nach Hause!“ rief sie",
    "»Wohin?« fragte er. |»Heim",
    "« Où ça ? » dit-il. |« Ici ! » répondit-elle",
    "«Куда?» — спросил он. |«Домой!» — крикнула",
    "„Schon?“ |Niemand sprach",
    "«Какой день!» |Солнце",
    "— ¡Ven! —dijo ella. |—No",
    "“去哪儿？”他问。|“回家。”她说",
    "老师说：“下课！”|大家",
    "我看了《冲啊！》这部电影",
    "「どこへ？」と彼は聞いた。|「家へ！」と",
    "先生は、「走れ！」と言った",
    '"어디 가?"라고 물었다. |그는',
    'उसने कहा, "चलो।" |फिर',
    '"चलो!" उसने कहा। |फिर',
    'The rod is 5"x7" wide. |It',
    "(It was late.) |We left",
    "The pie (is it hot?) smells",
    "The pie (is it hot?) |The crust",
    "It is [see below. And",
]
MARKS = [
    "So... maybe",
    "Wait... I think so",
    "The last of the payments was... Tuesday",
    "They talked for hours about the weather... |Nobody knew",
    "그게... 음 잠깐",
    "嗯……让我想想",
    "Really?! |Yes",
    "iPhones sell well. |iPads sell better. |eBay",
    "Neem brood. |'s Avonds",
    "See www.example.org/a.html and write to me@example.com. |Then",
    "Mamma Mia! is on",
    "**Done!** |*Next*",
    "First part.\n\n|Second part",
    "Verse one\n\n|verse two",
    "He came - and",
    "It broke. |$5 is",
    "|OK. 🎉",
    "“",
]
SCRIPTS = [
    "今天很冷。|明天会",
    "いい天気ですね！|散歩に",
    "真的吗?|是的",
    "한국어입니다. |다음",
    "ठीक है। |कल",
    "ঠিক আছে। |কাল",
    "هل أنت هنا؟ |نعم",
    "آپ کیسے ہیں؟ |میں ٹھیک ہوں۔ |اور",
    "Τι κάνεις; |Καλά",
    "Բարեւ։ |Ինչպես",
    "ሰላም ነው። |እንዴት",
    "გამარჯობა. |როგორ",
    "สวัสดีครับ |วันนี้อากาศ",
    "ราคา 20 น. ต่อ",
    "네. |그래요",
    "សួស្តី។ |អ្នក",
    "မင်္ဂလာပါ။ |နေ",
]
JOINED_WITHOUT_A_SPACE = [
    "I have your order here.|Let me look for the",
    "Do you like it?|We have more in",
    "Das geht leider nicht!|Aber morgen",
    "La reserva está lista.|¿Quiere que",
    "Ваш заказ готов.|Вы можете",
    "谢谢您的耐心.|现在我",
    "確認できました.|次に",
    "주문이 확인되었습니다.|내일",
    "आपका ऑर्डर मिल गया.|अब मैं",
    "طلبك جاهز.|هل تريد",
    "ההזמנה מוכנה.|עכשיו",
    "Call Mr.Brown and St.Gallen",
    "Open github.com/A.B in vb.Net or run os.Exit(1) in version 2.A with",
    "用A.I.技术",
    "বিকেল ৪.১৫",
    "ปี พ.ศ. ๒๕๖๐",
]
SPELLED = [
    "It is spelled S. M. I. T. H. |Could you",
    "Sie heißt K. L. A. R. A. |Wie ist",
    "It's B, R, O, W, N. |Right",
    "It is by J. R. R. Tolkien and",
    "It is A. N. N. A. M. and",
]
EMOJI_AND_TAGS = [
    "Here is the deal 😀 |We start on",
    "It is hot! 🔥🔥 |You should",
    "Perfekt 👌 |Dann machen wir",
    "Super!🎉 |Dann",
    "すごいですね🎉|次は",
    "बहुत अच्छा 😊 |अब हम",
    "ممتاز 👍 |الآن",
    "I ❤️ Oslo and",
    "We all ❤️ Oslo and 🎉 it",
    "<noise> |Hello there",
    "Well. <background noise> |We think",
    'He said "so 🎉 Now" and',
]
BLOCKS = [
    "Run this:\n```\npip install x. Then y.\n```\n|Now open",
    "A fence```\nthat is open. |Then",
    "First.\n\n### Details\n|Here we see",
    "First.\n\n## |Details of",
    "Take these: * eggs * flour |* a cup of",
    "Options: • tea |• hot milk",
    "Compute 3 * a or b * c",
]
JAPANESE_WITH_SPACES = [
    "まず電源を入れます |次に画面を",
    "いかがでしょうか |もしよければ",
    "ボタンを押してください |すると",
    "できます ので お待ち",
]
CASES = TITLES_AND_NAMES + ABBREVIATIONS + NUMBERS + LETTERS + QUOTATIONS + MARKS + SCRIPTS
CASES += JOINED_WITHOUT_A_SPACE + SPELLED + EMOJI_AND_TAGS + BLOCKS + JAPANESE_WITH_SPACES

# Mostly what the rules look at, so that they meet in every order.
HOSTILE = st.text(
    alphabet=st.sampled_from("aAbI1. .. !?…\"'“”„«»()[]「」。।؟;:,—-\n\t\u00a0éЖж我はกᄀ한हি\u0301أ\u200d🎉"),
    max_size=60,
)
TOKENS = """Mr. e.g. p.m. U.S. A. 3. No. iPad "Oh!" (so.) he The Tom etc. z. B. ... — ครับ 走。 है। a) «Ja!» St. in Kant.
«Ja !» i.e 2nd "No." „So?“ он Он. г. д. ปี. எம். ! ? 5 ft. IV. Jr. Sr. L'avv."""
WORDS = st.lists(st.sampled_from(TOKENS.split()), max_size=12).map(" ".join)
ANY = st.text() | HOSTILE | WORDS


@pytest.mark.parametrize("case", CASES)
def test_the_sentence_in_progress_begins_at_the_bar(case: str) -> None:
    assert cut_sentence(case.replace("|", "")) == case.rpartition("|")[2]


@pytest.mark.parametrize("case", CASES)
def test_a_text_before_it_changes_nothing(case: str) -> None:
    assert cut_sentence("All went well. " + case.replace("|", "")) == case.rpartition("|")[2]


@pytest.mark.parametrize("text", ["It rained. Then it stopped.", "It rained. Then it stopped. ", "It rained. Then it"])
def test_a_whole_last_sentence_is_the_one_in_progress_until_the_next_begins(text: str) -> None:
    assert cut_sentence(text) == text.removeprefix("It rained. ")


def test_text_without_capitals_has_sentences_too() -> None:
    assert cut_sentence("the shop is shut. try st. mary's. it") == "it"


def test_blank_text_has_no_sentence() -> None:
    assert cut_sentence("") == cut_sentence(" \n ") == ""


def test_space_before_the_first_sentence_is_no_part_of_it() -> None:
    assert cut_sentence("  \n Hello there") == "Hello there"


def test_a_minute_without_a_stop_steps_back_to_a_phrase() -> None:
    said = "we went down to the harbour early and looked at the boats for a while " * 15
    cut = cut_sentence(said)
    assert 80 < len(cut) <= 330
    assert cut.startswith("and looked")


def test_a_minute_with_commas_steps_back_to_a_comma() -> None:
    assert cut_sentence("over the hill and far away, " * 40).startswith("over the hill")


def test_thai_without_polite_endings_steps_back_to_a_space() -> None:
    said = "เราไปที่ท่าเรือแต่เช้า " * 60
    cut = cut_sentence(said)
    assert len(cut) <= 140
    assert cut.startswith("เรา")


def test_one_enormous_word_is_cut_before_a_letter() -> None:
    cut = cut_sentence("e\u0301" * 1000)
    assert 80 < len(cut) <= 320
    assert cut[0] == "e"


def test_nothing_but_combining_marks_is_still_bounded() -> None:
    assert 0 < len(cut_sentence("\u0301" * 1000)) <= 320


def test_sentences_end_inside_a_quotation_that_is_never_closed() -> None:
    told = 'She began: "Once there was a king. ' + "He had a very old dog. " * 20
    assert cut_sentence(told + "One day") == "One day"


@given(ANY)
def test_the_result_is_a_suffix(text: str) -> None:
    assert text.endswith(cut_sentence(text))


@given(ANY)
def test_the_result_is_empty_only_if_the_text_is_blank(text: str) -> None:
    assert bool(cut_sentence(text)) == bool(text.strip())
    assert not cut_sentence(text)[:1].isspace()


@given(HOSTILE | WORDS)
@example('5 tries. "a. A" b')
def test_what_was_cut_is_not_cut_again(text: str) -> None:
    assert cut_sentence(cut_sentence(text)) == cut_sentence(text)


@given(st.text(min_size=300) | st.lists(HOSTILE, min_size=10).map("".join))
def test_the_result_is_never_longer_than_is_worth_repeating(text: str) -> None:
    assert len(cut_sentence(text).rstrip()) <= 320


@pytest.mark.parametrize(
    "unit",
    [
        *(
            ".",
            '"',
            "(",
            "[«",
            "a",
            "\n",
            " ",
            ". ",
            "a. ",
            "A. ",
            '"A. ',
            "U.",
            "St. ",
            "1. ",
            '!?" A',
            "。",
            "\u0301",
        ),
        *("Mr. ", "... ", "走。", "a\n", "ครับ ", "'", "*", "» ", "z. B. ", "ก"),
    ],
)
def test_the_time_does_not_grow_with_the_text(unit: str) -> None:
    def text(size: int) -> str:
        return unit * (size // len(unit)) + "x"

    cut = cut_sentence(text(200_000))
    assert text(200_000).endswith(cut)
    assert 0 < len(cut) <= 640
    assert grows_linearly(lambda size: partial(cut_sentence, text(size)), 25_000)


def test_only_the_end_of_the_text_is_looked_at() -> None:
    sentence = "The tide turned at noon. "
    near, far = sentence * 100, sentence * 10_000
    assert cut_sentence(near) == cut_sentence(far) == "The tide turned at noon. "


def read_documents() -> list[tuple[str, str, list[int]]]:
    documents = []
    for line in DATA.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        text, starts = "", []
        for sentence in item["sentences"]:
            text += item["sep"] if text else ""
            starts.append(len(text))
            text += sentence
        documents.append((item["lang"], text, starts))
    return documents


@pytest.mark.skipif(not DATA.exists(), reason="the shared data is not here")
def test_the_goals_hold_on_the_shared_data() -> None:
    """Every cut of every document: 95 % exact but for Thai, 96 % in English, at most 2 % late."""
    exact, late = {"en": list[bool](), "other": list[bool]()}, list[bool]()
    for language, text, starts in read_documents():
        if language == "th":
            continue
        for cut in range(1, len(text) + 1):
            truth = max(start for start in starts if start < cut)
            at = cut - len(cut_sentence(text[:cut]))
            exact["en" if language == "en" else "other"].append(at == truth)
            late.append(at > truth)
    assert sum(exact["en"]) / len(exact["en"]) >= 0.96
    assert sum(map(sum, exact.values())) / len(late) >= 0.95
    assert sum(late) / len(late) <= 0.02
