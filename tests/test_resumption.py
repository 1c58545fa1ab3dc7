"""`resumption` says where a reply went on: claims by kind and language, then by property, then on the shared data."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cost import grows_linearly
from hypothesis import given
from hypothesis import strategies as st

from gemini_live_interrupt import resumption

DATA = Path(__file__).parents[2] / "shared" / "data" / "resumptions-dev.jsonl"

# What was heard and what was not, parted by the bar, and replies with what a reader calls them.
STORIES = {
    "museum": (
        "The museum opens at nine on weekdays. Tickets cost twelve euros for adults and six for children. The "
        "audio guide is free, but you| have to leave a passport at the desk. Large bags go into the lockers on "
        "the left. The café closes at four."
    ),
    "fox": (
        "Mira the fox lived at the edge of the orchard. Every autumn she counted the apples that fell at night. "
        "One evening she noticed that a basket| was missing from the shed. She followed the tracks to the river. "
        "There a badger sat and cried into the empty basket."
    ),
    "gratin": (
        "Zuerst schälen Sie die Kartoffeln und schneiden sie in Scheiben. Die Scheiben kochen Sie acht Minuten "
        "in Salzwasser. Danach geben Sie einen Becher| Sahne und etwas Muskat dazu. Backen Sie alles eine halbe "
        "Stunde bei hundertachtzig Grad. Lassen Sie den Auflauf kurz ruhen."
    ),
    "train": (
        "Le train de dix heures est complet. Celui de midi a encore trois places en seconde. Il arrive à Lyon à| "
        "quatorze heures dix, sur la voie B. Le billet coûte quarante-deux euros. Vous pouvez l'échanger jusqu'à "
        "la veille."
    ),
    "library": (
        "La biblioteca está en la plaza mayor. Puede sacar cinco libros durante tres semanas. Para hacerse el "
        "carné necesita| un documento de identidad y una foto reciente. La renovación se hace por teléfono. Los "
        "retrasos cuestan veinte céntimos por día."
    ),
    "yoga": (
        "これからヨガの呼吸法を説明します。まず背筋を伸ばして座ります。次に鼻からゆっくり息を|四つ数えながら吸います。そのまま二つ数えて止めます。最後に口から六つ数えて吐きます。"
    ),
    "bridges": (
        "我们先来看第一座桥。它建于一八九二年，全长三百米。第二座桥是|双层的，上面走汽车，下面走火车。第三座桥只供行人使用。晚上桥上会亮灯。"
    ),
    "account": (
        "आपका खाता बचत खाता है। इसमें कम से कम पाँच हज़ार रुपये रखने होते हैं। महीने में आप चार बार| बिना शुल्क "
        "पैसे निकाल सकते हैं। उसके बाद हर बार बीस रुपये लगते हैं। ब्याज तीन महीने में एक बार मिलता है।"
    ),
    "course": (
        "تبدأ الدورة يوم الأحد القادم. عدد المقاعد عشرون مقعدًا فقط. رسوم التسجيل ثلاثمئة درهم، ويمكنك| دفعها "
        "على قسطين من دون فوائد. الكتب مجانية لكل الطلاب. تنتهي الدورة باختبار قصير."
    ),
    "boat": (
        "O passeio de barco sai às oito da manhã. Levamos água e frutas para todos. Depois da primeira ilha, o "
        "barco| para uma hora para o mergulho. O almoço é servido a bordo. Voltamos ao porto às cinco."
    ),
}
REPLIES = [
    (
        "museum",
        "sentence",
        (
            "Six euros for children. The audio guide is free, but you have to leave a passport at the desk. Large "
            "bags go into the lockers on the left."
        ),
    ),
    ("museum", "later", ("It is six euros for children. Also, the café closes at four, and the shop at five.")),
    (
        "museum",
        "sentence",
        (
            "Yes, on weekdays it opens at nine. The audio guide is free, but you'll need to leave a passport at the "
            "desk."
        ),
    ),
    ("museum", "none", ("Yes, on Sundays too. Shall I go on about the audio guide?")),
    (
        "museum",
        "sentence",
        (
            "Right, you're students. Tickets cost eight euros for students, then. The audio guide is free, but you "
            "have to leave a passport at the desk."
        ),
    ),
    (
        "museum",
        "earlier",
        (
            "Oh, you mean Saturday. The museum opens at ten on Saturdays. Tickets cost twelve euros for adults and "
            "six for children. The audio guide is free, but you have to leave a passport at the desk."
        ),
    ),
    (
        "museum",
        "earlier",
        (
            "Tickets cost twelve euros for adults and six for children. The audio guide is free, but you have to "
            "leave a passport at the desk."
        ),
    ),
    ("museum", "later", ("Large bags go into the lockers on the left. The café closes at four.")),
    (
        "museum",
        "later",
        ("The shop sells postcards from the collection. Guided tours start every hour at the main stairs."),
    ),
    ("museum", "sentence", ("have to leave a passport at the desk. Large bags go into the lockers on the left.")),
    ("museum", "none", ("Sure, stopping there. Have a nice visit, and just ask if you need anything else.")),
    ("museum", "none", ("Of course. Let me know whenever you would like to hear the rest of it.")),
    (
        "museum",
        "sentence",
        ("Where was I? Ah yes. The audio guide is free, but you have to leave a passport at the desk."),
    ),
    ("museum", "none", ("It's a passport or an identity card. Would you like me to continue?")),
    (
        "museum",
        "later",
        ("A driving licence works too. Large bags go into the lockers on the left. The café closes at four."),
    ),
    (
        "fox",
        "sentence",
        ("No, she was a fox, not a wolf. One evening she noticed that a basket was missing from the shed."),
    ),
    (
        "fox",
        "sentence",
        (
            "Sorry, Mira is a hedgehog. One evening Mira the hedgehog noticed that a basket was missing from the "
            "shed. She followed the tracks to the river."
        ),
    ),
    (
        "fox",
        "earlier",
        (
            "Sorry, Mira is a hedgehog. Mira the hedgehog lived at the edge of the orchard. Every autumn she counted "
            "the apples that fell at night. One evening she noticed that a basket was missing from the shed."
        ),
    ),
    (
        "fox",
        "later",
        (
            "Got it, a hedgehog. She followed the tracks to the river. There a badger sat and cried into the empty "
            "basket."
        ),
    ),
    (
        "fox",
        "later",
        ("The badger said that his children were hungry. So the fox shared her apples, and they became friends."),
    ),
    (
        "fox",
        "sentence",
        (
            "She counted the apples every autumn. One evening she noticed that a basket was missing from the shed, "
            "so she followed the tracks to the river."
        ),
    ),
    ("fox", "none", ("Paris. Shall I continue the story about Mira the fox?")),
    (
        "fox",
        "none",
        ("The tallest one is in Dubai. It has over a hundred and sixty floors. Shall I go on with the story?"),
    ),
    (
        "gratin",
        "sentence",
        (
            "Acht Minuten, in Salzwasser. Danach geben Sie einen Becher Sahne und etwas Muskat dazu. Backen Sie "
            "alles eine halbe Stunde bei hundertachtzig Grad."
        ),
    ),
    (
        "gratin",
        "earlier",
        (
            "Ach so, Süßkartoffeln. Dann schälen Sie zuerst die Süßkartoffeln und schneiden sie in Scheiben. Die "
            "Scheiben kochen Sie nur sechs Minuten in Salzwasser. Danach geben Sie einen Becher Sahne und etwas "
            "Muskat dazu."
        ),
    ),
    (
        "gratin",
        "sentence",
        (
            "Kein Problem, ohne Sahne. Danach geben Sie einen Becher Hafermilch und etwas Muskat dazu. Backen Sie "
            "alles eine halbe Stunde bei hundertachtzig Grad."
        ),
    ),
    ("gratin", "none", ("Alles klar, dann viel Spaß beim Kochen!")),
    (
        "gratin",
        "later",
        ("Backen Sie alles eine halbe Stunde bei hundertachtzig Grad. Lassen Sie den Auflauf kurz ruhen."),
    ),
    (
        "train",
        "sentence",
        (
            "Oui, il reste trois places en seconde. Il arrive à Lyon à quatorze heures dix, sur la voie B. Le billet "
            "coûte quarante-deux euros."
        ),
    ),
    (
        "train",
        "sentence",
        (
            "Très bien, à Dijon alors. Il arrive à Dijon à treize heures trente, sur la voie B. Le billet coûte "
            "trente-deux euros."
        ),
    ),
    ("train", "later", ("Le billet coûte quarante-deux euros. Vous pouvez l'échanger jusqu'à la veille.")),
    ("train", "none", ("Très bien, je m'arrête là. Bonne journée.")),
    (
        "library",
        "sentence",
        ("Tres semanas. Para hacerse el carné necesita un documento de identidad y una foto reciente."),
    ),
    (
        "library",
        "later",
        ("Puede renovarlos dos veces. Los retrasos cuestan veinte céntimos por día. Si pierde un libro, debe pagarlo."),
    ),
    (
        "library",
        "earlier",
        (
            "La biblioteca está en la plaza mayor. Puede sacar cinco libros durante tres semanas. Para hacerse el "
            "carné necesita un documento de identidad y una foto reciente."
        ),
    ),
    (
        "yoga",
        "sentence",
        ("はい、椅子でも大丈夫です。次に鼻からゆっくり息を四つ数えながら吸います。そのまま二つ数えて止めます。"),
    ),
    ("yoga", "none", ("四つです。では、呼吸法の説明を続けましょうか。")),
    ("yoga", "none", ("はい、ここまでにします。お疲れさまでした。")),
    (
        "yoga",
        "later",
        ("これを五回くり返します。終わったら、ゆっくり目を開けてください。体が軽くなったのを感じましょう。"),
    ),
    ("bridges", "sentence", ("三百米长。第二座桥是双层的，上面走汽车，下面走火车。第三座桥只供行人使用。")),
    (
        "bridges",
        "earlier",
        (
            "对，是一八九三年。我们先来看第一座桥。它建于一八九三年，全长三百米。第二座桥是双层的，上面走汽车，下面走火车。"
        ),
    ),
    ("bridges", "later", ("第三座桥只供行人使用。晚上桥上会亮灯。")),
    ("bridges", "none", ("好的，那就到这里，祝您旅途愉快。")),
    ("bridges", "none", ("堪培拉。要我继续介绍这些桥吗？")),
    (
        "account",
        "sentence",
        ("जी हाँ, पाँच हज़ार रुपये। महीने में आप चार बार बिना शुल्क पैसे निकाल सकते हैं। उसके बाद हर बार बीस रुपये लगते हैं।"),
    ),
    ("account", "none", ("ठीक है, यहीं रुकते हैं। आपका दिन शुभ हो।")),
    ("account", "later", ("ब्याज तीन महीने में एक बार मिलता है। आप ऐप से भी खाता देख सकते हैं।")),
    (
        "course",
        "sentence",
        ("نعم، عشرون مقعدًا. رسوم التسجيل ثلاثمئة درهم، ويمكنك دفعها على قسطين من دون فوائد. الكتب مجانية لكل الطلاب."),
    ),
    ("course", "later", ("الكتب مجانية لكل الطلاب. تنتهي الدورة باختبار قصير.")),
    ("course", "none", ("حسنًا، سأتوقف هنا. أتمنى لك يومًا سعيدًا.")),
    ("course", "later", ("تحصلون بعدها على شهادة معتمدة. ويمكنكم متابعة المستوى الثاني في الصيف.")),
    (
        "boat",
        "earlier",
        (
            "Sem problema, às nove. O passeio de barco sai às nove da manhã. Levamos água e frutas para todos. "
            "Depois da primeira ilha, o barco para uma hora para o mergulho."
        ),
    ),
    (
        "boat",
        "sentence",
        (
            "Sim, tem água e frutas. Depois da primeira ilha, o barco para uma hora para o mergulho. O almoço é "
            "servido a bordo."
        ),
    ),
    ("boat", "later", ("Sim, tem água e frutas. O almoço é servido a bordo. Voltamos ao porto às cinco.")),
    ("boat", "none", ("Claro, até logo e bom passeio!")),
]


def tell(story: str, reply: str) -> str:
    heard, unheard = STORIES[story].split("|")
    return resumption(heard, unheard, reply)


@pytest.mark.parametrize(("story", "judged", "reply"), REPLIES)
def test_a_reply_is_told_as_a_reader_would(story: str, judged: str, reply: str) -> None:
    assert tell(story, reply) == judged


@pytest.mark.parametrize(("story", "judged", "reply"), [row for row in REPLIES if row[1] in ("sentence", "earlier")])
def test_case_and_punctuation_of_the_reply_do_not_matter(story: str, judged: str, reply: str) -> None:
    assert tell(story, re.sub(r"[.,!?。、，।،]", "", reply).lower()) == judged


def test_digits_may_be_written_out_or_not() -> None:
    heard, unheard = "The hall is booked. On the 14th of May we", " have 25 chairs and a piano. Bring your own stand."
    reply = "On the fourteenth of May we have twenty-five chairs and a piano. Bring your own stand."
    assert resumption(heard, unheard, reply) == "sentence"


def test_a_cut_between_two_sentences_goes_on_with_either() -> None:
    heard, unheard = "First, open the lid. Pour in the cold water. ", "Wait two minutes. Then stir it."
    assert resumption(heard, unheard, "Wait two minutes. Then stir it.") == "sentence"
    assert resumption(heard, unheard, "Pour in the cold water. Wait two minutes.") == "sentence"
    assert resumption(heard, unheard, "First, open the lid. Pour in the cold water. Wait.") == "earlier"


def test_the_beginning_of_a_long_sentence_is_enough_if_it_is_word_for_word() -> None:
    heard = "A heron stood by the mill. One day the river behind the mill"
    unheard = " froze over from its spring down to the harbour, and neither fish nor boats nor letters came for weeks. "
    assert resumption(heard, unheard, "One day the river behind the mill turned to ice.") == "sentence"


def test_a_word_that_was_sent_is_enough_to_go_on_from_seamlessly() -> None:
    assert resumption("The parcel goes to the", " harbour", "harbour office, and the letter goes to Ann.") == "sentence"


def test_a_reply_that_begins_within_a_sentence_goes_on_where_nothing_more_had_been_sent() -> None:
    reply = "forty crowns, and it is waived for everyone with a low income."
    assert resumption("You fill in a form. The filing fee is", "", reply) == "sentence"


def test_a_reply_that_only_says_again_what_was_heard_is_earlier() -> None:
    assert tell("boat", "O passeio de barco sai às oito da manhã. Levamos água e frutas para todos.") == "earlier"


FEE = "First you send a written demand. If he has not paid, you fill in form C2. The filing fee is"
REST = (
    " forty crowns, and it is waived on a low income. You need two copies of every receipt. The hearing takes an hour."
)


@pytest.mark.parametrize(
    ("reply", "judged"),
    [
        ("Yes, it is waived on a low income. Shall I go on?", "none"),
        ("Forty crowns. Shall I go on?", "none"),
        ("Two copies of every receipt.", "none"),
        ("Yes, two copies of every receipt. Would you like me to go on?", "none"),
        ("The filing fee is forty crowns, and it is waived on a low income. Anything else?", "sentence"),
        ("The hearing takes an hour.", "later"),
        ("Do you live nearby? The hearing takes an hour.", "later"),
        ("You need two copies of every receipt. The hearing takes an hour.", "later"),
    ],
)
def test_an_answer_from_what_had_not_been_heard_is_no_going_on(reply: str, judged: str) -> None:
    assert resumption(FEE, REST, reply) == judged


def test_a_restart_of_a_long_answer_is_seen() -> None:
    told = " ".join(f"In year {year} the town built bridge number {year * 7} over the river." for year in range(60))
    assert resumption(f"{told} In the end it", " had no river left.", told) == "earlier"


@pytest.mark.parametrize("text", ["", " ", "\n", "?", "。", "...", "\ud800", "👍🏽"])
def test_texts_without_words_are_no_reply(text: str) -> None:
    assert resumption("The fox ran", " away. It was late.", text) == "none"
    assert resumption(text, text, "Yes.") == "none"
    assert resumption(text, text, text) == "none"


@given(st.text(), st.text(), st.text())
def test_it_never_raises(heard: str, unheard: str, reply: str) -> None:
    assert resumption(heard, unheard, reply) in ("sentence", "earlier", "later", "none")


@pytest.mark.parametrize("text", [".", "a ", "?", " ", "ﷺ", "说话", "No. ", "a\n", "’"])
def test_it_takes_a_bounded_time_whatever_the_text_is(text: str) -> None:
    def work(size: int) -> Callable[[], object]:
        long = text * size
        return lambda: resumption(long, long, long)

    assert grows_linearly(work, 50_000)


@pytest.mark.skipif(not DATA.exists(), reason="the shared data is not here")
def test_it_agrees_with_those_who_judged_by_reading() -> None:
    rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    right = [resumption(row["heard"], row["unheard"], row["reply"]) == row["label"] for row in rows]
    assert sum(right) / len(right) >= 0.95


SENTENCES = Path(__file__).parents[2] / "shared" / "data" / "sentences-dev.jsonl"


def retellings() -> list[tuple[str, str, str, str]]:
    """Of each text of four sentences, in twenty-five languages, cut in its third one: what may follow, and its name."""
    found = []
    for line in SENTENCES.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        sentences, space = item["sentences"], item["sep"]
        if len(sentences) < 4:
            continue
        cut = len(sentences[2]) // 2
        while space and cut < len(sentences[2]) and sentences[2][cut] != space:
            cut += 1
        if cut > len(sentences[2]) - 3:
            continue
        heard = space.join([*sentences[:2], sentences[2][:cut]])
        unheard = space.join([sentences[2][cut:], *sentences[3:]])
        for reply, judged in (
            (space.join(sentences), "earlier"),
            (space.join(sentences[2:]), "sentence"),
            (unheard.lstrip(), "sentence"),
            (space.join(sentences[3:]), "later"),
        ):
            found.append((heard, unheard, reply, judged))
    return found


@pytest.mark.skipif(not SENTENCES.exists(), reason="the shared data is not here")
def test_what_is_said_word_for_word_is_told_in_any_language() -> None:
    rows = retellings()
    assert len(rows) > 300
    assert sum(resumption(*row[:3]) == row[3] for row in rows) / len(rows) >= 0.98
