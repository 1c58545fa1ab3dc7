"""Words before or after a dot that tell whether a sentence ends there, by each language's spelling rules."""

from __future__ import annotations

import re

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
LEADING, OPENING = (frozenset(" ".join(row.split("|")[side] for row in _LANGUAGES).split()) for side in (0, 1))
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
NUMBERED, TRAILING, LABELS, DAYS, WORDS_TOO = (frozenset(table.split()) for table in _TABLES)
# German has a dot after ordinals and capitals for nouns: `am 3. Mai`, `sein 1. Auto`
ORDINAL = re.compile(r"(?i:[aiv]m|vom|zu[mr]|bis|seit|de[rnms]|die|das|jede\w?|\w+tag,|(?:[ms]ein|ihr|unser)\w{0,2})")
MARKED_NAMES = ("yahoo", "yum", "wham", "jeopardy", "joomla")
QUOTATIVES = ("と", "って", "라고", "이라고", "하고", "என்", "என ")  # after a quotation that is part of the sentence
