"""Parts of postal addresses by language, where words are set apart by spaces (and in Thai).

A strong part is an address by itself: a street with its number. A weak one, as "lot 2" or "no 5",
is one only beside another. A part is looked for only in texts with one of its language's words.
"""

import re
from typing import Final, NamedTuple

_EDGE: Final = r"(?<![^\W_])"
_WORD: Final = r"[^\W\d_]{2,20}(?:['’.-][^\W\d_]{1,20})?\.?"
# No names of a street: the sentence goes on, as in "via whatsapp 2 foto".
_STOP_WORDS: Final = """
the on in of my to by per is it for and or at within from we will feet way more courier atm bank
pcs? ppl mins? hours? days? km miles? lakh crore online chat link app posta sms mail email dm
whatsapp wa dhl gls ups fedex pix paypal telegram instagram corriere
que se me y no es con porque por fica foi tá desde pela pelo com sem até quando vez perdem
ke di yg yang terus aja sama jalan dan kak hanya dengan kaki
die der das eine waren nur fois plus moda modası
"""
_STOP: Final = rf"(?!(?:{'|'.join(_STOP_WORDS.split())})\b)"
_NAME: Final = rf"(?:{_STOP}{_WORD}(?:\s|(?=,)))"
_UNIT: Final = r"(?:m|km|meter|hari|pontos|años|anni|ans|jahre|dias|días|pcs|x)"
_NUMBER: Final = rf"\d{{1,5}}(?:[/-]\d{{1,4}})?[a-d]?(?![\w%]|[.,:]\d|\s{_UNIT}\b)"


# In the form of `spans.plain`: "nº 5" is "no 5" there, and "3ª" is "3a".
class Streets(NamedTuple):
    """What addresses of one group of languages are made of."""

    words: re.Pattern[str]  # Plain words, for speed: without one there is no address.
    parts: re.Pattern[str]  # With the groups `strong` and `weak`.


def _streets(words: str, strong: tuple[str, ...], weak: tuple[str, ...]) -> Streets:
    # An empty alternative would match anywhere; one that cannot match stands for none.
    strong, weak = strong or ("(?!)",), weak or ("(?!)",)
    pattern = f"{_EDGE}(?:(?P<strong>{'|'.join(strong)})|(?P<weak>{'|'.join(weak)}))"
    return Streets(re.compile(words), re.compile(pattern))


ENGLISH: Final = _streets(
    "street|ave|road|boulevard|blvd|lane|terrace|crescent|highway|st|rd|drive|way|place|court|"
    "close|box|apt|flat|unit|blk|block|brgy|barangay|sector|plot|h.no|h no|house|phase|tower",
    (
        (
            rf"#?\d{{1,5}}[a-z]?,? {_NAME}{{1,4}}(?:street|avenue|ave|road|rd|boulevard|blvd|lane|"
            r"terrace|crescent|highway|hwy|parkway)\b\.?"
        ),
        (
            rf"#?\d{{1,5}}[a-z]?,? {_NAME}{{1,3}}(?:(?:st\.?|dr\.?|drive|court|ct)"
            r"(?=\s?(?:,|\.|apt|unit|#|$))|(?:way|place|close|square)(?=\s?,))"
        ),
        r"p\.? ?o\.? ?box \d{1,6}",
        rf"(?:blk|block) \d{{1,4}}[a-z]? {_NAME}{{1,4}}(?:ave|avenue|st|street|road|rd|drive) ?\d*",
    ),
    (
        (
            r"(?:apt|apartment|suite|unit|flat|room|floor|tower|phase|plot|sector|ward|block|blk|lot)"
            r"\.? ?(?:no\.? ?)?#?\d{1,5}[a-z]?(?!\w)"
        ),
        r"h(?:ouse)?\.? ?no\.? ?\d{1,5}[a-z]?(?:/\d+)?(?!\w)",
        rf"(?:brgy|barangay)\.? (?:\d{{1,4}}|{_NAME}{{1,2}})",
        r"#\d\d-\d{1,4}(?!\w)",
        rf"{_NAME}{{1,2}}(?:road|street|marg|nagar|colony|avenue)(?!\w)",
        r"[a-z]{2} \d{5}(?:-\d{4})?(?!\w)",
        r"(?:nsw|vic|qld|tas|act|wa|sa|nt) \d{4}(?!\w)",
        r"[a-z]{1,2}\d[a-z\d]? \d[a-z]{2}(?!\w)",
        r"[a-z]\d[a-z] ?\d[a-z]\d(?!\w)",
    ),
)
SPANISH_PORTUGUESE: Final = _streets(
    "calle|c/|av|paseo|plaza|carrer|carretera|ctra|blvd|boulevard|calz|camino|ronda|rua|travessa|"
    "alameda|praça|rodovia|estrada|largo|beco|quadra|lote|bloco|cep|apto",
    (
        (
            r"(?:c/|(?:calle|avda|avenida|av|paseo|plaza|carrer|carretera|ctra|blvd|boulevard|calzada|calz|"
            r"camino|ronda|rua|travessa|alameda|praça|rodovia|estrada|largo|beco)(?!\w))\.?\s?"
            rf"{_NAME}{{1,6}},?\s?(?:n[°o.]{{1,2}}|#|num\.?)?\s?{_NUMBER}"
        ),
    ),
    (
        r"\d{1,2}[oa°]\s?[a-z]?(?!\w)",
        (
            r"(?:piso|puerta|depto|dpto|int|apto|apt|ap|bloco|bl|casa|quadra|qd|lote|lt|torre)"
            r"\.? ?\w{0,3}\d{0,4}(?!\w)"
        ),
        r"(?:c\.?p\.?|cep):? ?\d{5}(?:-?\d{3})?",
        rf"col(?:onia|\.) {_NAME}{{1,3}}",
    ),
)
ITALIAN_FRENCH: Final = _streets(
    "via|viale|v.le|piazza|p.zza|corso|c.so|vicolo|rue|av|bd|boulevard|impasse|chemin|allée|place|"
    "quai|cours|square|faubourg",
    (
        (
            r"(?:via|viale|v\.le|piazza|p\.zza|corso|c\.so|largo|vicolo|piazzale)\s"
            rf"{_NAME}{{1,5}},?\s?(?:n\.?\s?)?{_NUMBER}"
        ),
        (
            r"\d{1,4}(?:\s?(?:bis|ter|quater))?,?\s(?:rue|avenue|av|bd|boulevard|impasse|chemin|allée|"
            r"faubourg|(?:place|quai|cours|square|passage)(?= (?:de|du|des|la|le|l|d)\b))\.?\s"
            rf"(?:[ld]['’])?{_NAME}{{0,3}}{_WORD}"
        ),
    ),
    (r"(?:bât|batiment|bâtiment|appt|apt|int|scala|étage)\.? ?\w{1,4}(?!\w)",),
)
GERMAN: Final = _streets(
    "straße|strasse|str|gasse|allee|platz|weg|damm|chaussee",
    (
        (
            r"[^\W\d_-]{3,30}(?:straße|strasse|str\.?|gasse|allee|platz|weg|damm|chaussee)"
            rf"\s?{_NUMBER}"
        ),
        rf"{_STOP}[^\W\d_]{{4,20}}[ -](?:straße|strasse|str\.|gasse|allee)\s{_NUMBER}",
    ),
    (),
)
RUSSIAN: Final = _streets(
    "ул|пр|пер|бульвар|шоссе|наб|мкр|кв|корп|дом",
    (
        (
            r"(?:улица|ул|проспект|пр-т|пр-кт|пр|переулок|пер|бульвар|б-р|шоссе|набережная|наб|"
            rf"микрорайон|мкр)(?!\w)\.?\s{{0,2}}{_WORD}(?:\s{_WORD}){{0,2}},?\s?(?:д\.?|дом)?\s?{_NUMBER}"
        ),
    ),
    (
        rf"(?:улица|ул\.|мкр)\s?{_WORD}",
        r"(?:д|дом|кв|квартира|корпус|корп|стр|подъезд|этаж)\.? ?\d{1,4}[а-г]?(?!\w)",
        rf"(?:г|гор|город|пос|с|д)\.\s?{_WORD}",
    ),
)
TURKISH: Final = _streets(
    "mah|sok|sk|cad|bulvar|blv",
    (),
    (
        rf"{_WORD} (?:mahallesi|mah|mh)(?!\w)\.?",
        rf"(?:{_WORD}|\d{{1,5}}\.?) (?:sokağı|sokak|sok|sk|caddesi|cad|cd|bulvarı|blv)(?!\w)\.?",
        r"(?:no|kat|daire|d)\s?[:.]?\s?\d{1,4}(?:/\d{1,3})?(?!\w)",
    ),
)
MALAY: Final = _streets(
    "jl|jalan|jln|gg|gang|lorong|lrg|persiaran|lebuh|rt|rw|blok|perum|kampung|taman|komplek",
    (
        (
            r"(?:jl|jln|jalan|gg|gang|lorong|lrg|persiaran|lebuh)(?!\w)\.?\s?(?=\w{3})"
            rf"{_NAME}{{1,4}}(?:no|nomor|kav|km|blok|lot)?\.?\s?{_NUMBER}"
        ),
        r"rt\.? ?\d{1,3} ?[/,]? ?rw\.? ?\d{1,3}",
    ),
    (
        rf"(?:jl|jln|jalan|lorong|persiaran)\.?\s{_NAME}{{1,2}}",
        r"(?:no|nomor|lot|blok|blk|kav|km)\.? ?(?:[a-z]{1,2}\d{0,3}|\d{1,5}[a-z]?)(?!\w)",
        rf"(?:taman|kampung|kg|perum(?:ahan)?|komplek)\.? {_NAME}{{1,2}}",
        rf"(?:kel(?:urahan)?|kec(?:amatan)?)\.? {_NAME}{{1,2}}",
    ),
)
VIETNAMESE: Final = _streets(
    "đường|ngõ|ngách|hẻm|phường|quận|số nhà|khu phố|tổ|p.|q.|thôn|xã",
    (rf"số(?: nhà)? \d{{1,4}}\S{{0,6}} (?:ngõ|ngách|hẻm|đường|phố) {_WORD}",),
    (
        r"số nhà \d{1,4}(?:/\d{1,4})*",
        r"(?:ngõ|ngách|hẻm|tổ|khu phố|kp|quận|phường|p\.|q\.) ?\d{1,4}(?:/\d{1,4})?(?!\w)",
        rf"(?:phường|quận|huyện|xã|thôn) (?!nào\b|gì\b){_WORD}(?: {_WORD})?",
        rf"đường (?:\d{{1,2}}/\d{{1,2}}|{_WORD}(?: {_WORD})?)",
        rf"\d{{1,4}}(?:/\d{{1,4}})* {_WORD}(?: {_WORD}){{1,2}}(?=,\s?(?:quận|phường|q\.|p\.))",
    ),
)
ARABIC: Final = _streets(
    "شارع|عمارة|شقة|فيلا|مبنى|ص.ب|حي|صندوق",
    (
        rf"شارع\s{_WORD}(?:\s{_WORD}){{0,3}}\s\d{{1,5}}(?!\w)",
        r"(?:ص\.ب\.?|صندوق بريد)\s?\d{2,7}",
    ),
    (
        r"(?:عمارة|شقة|فيلا|مبنى|الدور|دور|بلوك|شارع|منزل)\s?(?:رقم )?\d{1,5}(?!\w)",
        rf"(?:شارع|حي)\s{_WORD}(?:\s(?!شارع|عمارة|شقة|فيلا|مبنى){_WORD})?",
    ),
)
# Vowel signs are no letters to `\w`: names are what is neither space nor digit.
HINDI: Final = _streets(
    "मकान|गली|सेक्टर|प्लॉट|फ्लैट|वार्ड",
    (),
    (
        r"(?:मकान|गली|सेक्टर|प्लॉट|फ्लैट|वार्ड|घर)\s(?:नंबर|नं)?\.?\s?\d{1,5}(?!\w)",
        r"(?:gali|makan|makaan|sector|plot)\s(?:no\.?\s)?\d{1,5}(?!\w)",
    ),
)
THAI: Final = _streets(
    "หมู่|ซอย|ซ.|ถนน|ถ.|ต.|อ.|ม.|แขวง|เขต|ตำบล|อำเภอ|บ้านเลขที่",
    (r"บ้านเลขที่\s?\d{1,5}(?:/\d{1,5})?",),
    (
        r"(?:หมู่(?:ที่)?|ม\.)\s?\d{1,2}(?!\d)",
        r"\d{1,5}/\d{1,5}(?!\d)",
        r"(?:ซอย|ซ\.)(?!\s?\d)[^\s\d]{2,20}(?:\s?\d{1,3})?",
        r"(?:ถนน|ถ\.|ตำบล|ต\.|อำเภอ|อ\.|แขวง|เขต|จังหวัด|จ\.)\s?[^\s\d]{2,20}",
    ),
)

ALL: Final = (
    *(ENGLISH, SPANISH_PORTUGUESE, ITALIAN_FRENCH, GERMAN, RUSSIAN, TURKISH, MALAY, VIETNAMESE),
    *(ARABIC, HINDI, THAI),
)
