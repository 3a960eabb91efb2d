"""A lemmatiser by rules: an English word as a dictionary lists it, so that "was" becomes "be" and "ponies" "pony".

    irregular? ── look it up      else: plural ── past or progressive ── give back the e that the ending took

A stemmer may leave anything that is not a word; a lemma is one. The price is a list: of irregular forms, of words that
only look as if they had an ending ("thing", "news"), of plurals that hide an f. What neither list nor rule knows comes
out wrong in its own way ("bases" → "base", also of a basis). The word alone is seen, not its sentence: "saw" is always
taken for a form of "see", "left" of "leave". Comparatives are kept, apart from those that are listed: "faster" would
cost "water". Beside the stems of `porter.py`, fewer words meet in one, and all of them can be read.

The standard library alone: this very file is a part of `deploy/runtime` too.

References:
    Quirk et al. (1985), A Comprehensive Grammar of the English Language, chapters 3 and 5 (how endings are spelt)
"""

from functools import lru_cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FORMS = {  # lemma: its irregular forms
    "be": "am is are was were been being", "have": "has had having", "do": "does did done doing",
    "go": "goes went gone going", "say": "says said", "make": "made", "get": "got gotten", "know": "knew known",
    "think": "thought", "take": "took taken", "see": "saw seen seeing", "come": "came", "give": "gave given",
    "find": "found", "tell": "told", "become": "became", "leave": "left leaves", "feel": "felt", "bring": "brought",
    "begin": "began begun", "keep": "kept", "hold": "held", "write": "wrote written", "stand": "stood",
    "hear": "heard", "mean": "meant", "meet": "met", "run": "ran", "pay": "paid", "sit": "sat",
    "speak": "spoke spoken", "lead": "led", "grow": "grew grown", "lose": "lost", "fall": "fell fallen",
    "send": "sent", "build": "built", "understand": "understood", "draw": "drew drawn", "break": "broke broken",
    "spend": "spent", "rise": "rose risen", "drive": "drove driven", "buy": "bought", "wear": "wore worn",
    "choose": "chose chosen", "eat": "ate eaten", "sing": "sang sung", "drink": "drank drunk", "swim": "swam swum",
    "ring": "rang rung", "sleep": "slept", "teach": "taught", "catch": "caught", "fight": "fought", "seek": "sought",
    "sell": "sold", "win": "won", "forget": "forgot forgotten", "fly": "flew flown flies", "throw": "threw thrown",
    "blow": "blew blown", "show": "shown", "hide": "hid hidden", "bite": "bit bitten", "shake": "shook shaken",
    "steal": "stole stolen", "freeze": "froze frozen", "wake": "woke woken", "tear": "tore torn",
    "swear": "swore sworn", "bear": "bore borne", "lie": "lies lying lied lain", "die": "dies dying died",
    "tie": "ties tying tied", "dig": "dug", "hang": "hung", "stick": "stuck", "strike": "struck", "shoot": "shot",
    "bend": "bent", "lend": "lent", "sweep": "swept", "weep": "wept", "deal": "dealt", "dream": "dreamt",
    "burn": "burnt", "learn": "learnt", "spin": "spun", "swing": "swung", "ride": "rode ridden",
    "forgive": "forgave forgiven", "feed": "fed", "bleed": "bled", "light": "lit", "slide": "slid", "lay": "laid",
    "shine": "shone", "withdraw": "withdrew withdrawn", "arise": "arose arisen", "man": "men", "woman": "women",
    "child": "children", "foot": "feet", "tooth": "teeth", "goose": "geese", "mouse": "mice", "ox": "oxen",
    "wolf": "wolves", "knife": "knives", "wife": "wives", "life": "lives", "half": "halves", "self": "selves",
    "shelf": "shelves", "thief": "thieves", "loaf": "loaves", "calf": "calves", "analysis": "analyses",
    "crisis": "crises", "basis": "bases", "thesis": "theses", "hypothesis": "hypotheses", "phenomenon": "phenomena",
    "criterion": "criteria", "bus": "buses", "gas": "gases", "lens": "lenses", "movie": "movies",
    "cookie": "cookies", "pie": "pies", "shoe": "shoes", "toe": "toes", "horse": "horses",
    "ache": "aches ached aching", "axe": "axes", "sink": "sank sunk", "beat": "beaten", "fling": "flung",
    "flee": "fled", "forbid": "forbade forbidden", "mistake": "mistook mistaken",
    "undertake": "undertook undertaken", "add": "added adding", "eye": "eyed eyeing", "free": "freed",
    "agree": "agreed", "guarantee": "guaranteed", "good": "better best", "bad": "worse worst",
    "far": "farther farthest further furthest",
}  # fmt: skip
IRREGULAR = {form: lemma for lemma, forms in _FORMS.items() for form in forms.split()}
WHOLE = _words(  # nothing is an ending here
    """themselves ourselves yourselves clothes whereas upstairs hatred lightning james charles jones thomas texas
    thing nothing something anything everything morning evening during king string spring wing ceiling sibling
    wedding pudding hundred sacred naked wicked bed red shed sled bred indeed need seed speed breed feed bleed weed
    exceed proceed succeed news series species this thus his its yes us as was plus bus gas lens always perhaps
    sometimes besides towards afterwards hers ours yours theirs politics physics mathematics economics chaos canvas
    bias christmas bring cling sting sing ring swing fling sling wring ding ping zing nursing offspring darling
    inning outing duckling sterling"""
)
TAKES_E = (  # what stands before -ed or -ing and had an e, if a single vowel is in it
    "ak", "ik", "ok", "uk", "ad", "id", "ud", "od", "as", "is", "os", "us", "ur", "ir", "ar", "or", "in", "ut", "ap",
    "um", "ul", "at", "iz", "yz", "az", "ib", "ac", "ic", "uc", "ag", "ig", "ug", "av", "iv", "ov",
)  # fmt: skip
ALWAYS_E = ("v", "u", "nc", "rc", "dg", "rg", "bl", "cl", "dl", "fl", "gl", "kl", "pl", "tl", "zl", "ns", "rs", "ps",
            "uc", "eas", "eiv", "ais", "oic", "ous", "eez", "oos", "lv", "rv", "xc", "iec", "eec", "auc", "aus",
            "iat", "uat", "uad", "uid")  # fmt: skip
NO_E = _words(  # and others of that look that had none
    """visit edit focus bias color honor favor labor harbor humor doctor monitor anchor mirror author sponsor ruin
    panic mimic picnic traffic murmur sugar pillar combat format repeat treat threat retreat defeat cheat heat seat
    beat eat float chat pass press cross dress miss kiss guess discuss address express possess assess process
    access canvass witness harness tutor factor mentor error censor rumor vapor savor parlor armor"""
)
HAD_E = _words(  # a measure of two, or an ending that most words have without an e
    """chang arrang exchang rearrang rang challeng reveng plung loung strang complet delet compet invit excit writ
    rewrit recit unit quit ignit polit promot devot not vot quot denot interfer adher rever sever sincer smil
    compil reconcil believ breath cloth bath sooth scrap escap shap reshap clos enclos past hast wast tast advertis
    promis practis surpris exercis creat hop prob scop cop reced preced conced crud lud supersed imped telephon ow
    athlet concret obsolet discret welcom overcom com becom outlin underlin decreas increas releas leas pleas ceas
    bor ignor explor stor restor scor ador mor snor implor deplor"""
)
NO_MEN = _words("omen amen specimen abdomen regimen acumen semen ramen yemen hymen stamen bitumen")
VOWELS = frozenset("aeiouy")


@lru_cache(maxsize=1 << 16)
def lemma(word: str) -> str:
    """The lemma of a lower-case English word; whatever has other characters than a to z stays as it is.

    Example:
        >>> [lemma(word) for word in ("was", "ponies", "hoping", "hopping", "mice", "thing", "東京")]
        ['be', 'pony', 'hope', 'hop', 'mouse', 'thing', '東京']
    """
    if not (word.isascii() and word.isalpha() and word.islower()):
        return word
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) < 4 or word in WHOLE:
        return word
    if word.endswith("s"):
        return _singular(word)
    if word.endswith("men") and word not in NO_MEN:
        return word[:-3] + "man"
    for ending in ("ing", "ed"):
        if word.endswith(ending) and _is_stem(word.removesuffix(ending)):
            return _base(word.removesuffix(ending))
    return word


def _singular(word: str) -> str:
    """ponies → pony, boxes → box, heroes → hero, cases → case; analysis, virus and glass stay."""
    if word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y" if len(word) > 4 else word[:-1]
    if word.endswith(("sses", "shes", "ches", "xes", "zzes", "oes")):
        return word[:-2]
    return word[:-1]


def _is_stem(rest: str) -> bool:
    """Whether a word may be left: it has a vowel and two letters at least."""
    return len(rest) > 1 and any(letter in VOWELS for letter in rest)


def _base(rest: str) -> str:
    """What an ending was put behind: tri → try, hopp → hop, fall → fall, travell → travel, mak → make."""
    if rest.endswith("i"):
        return rest[:-1] + "y"  # tried
    if rest in HAD_E:
        return rest + "e"
    if rest in NO_E:
        return rest
    if len(rest) > 2 and rest[-1] == rest[-2] and rest[-1] not in "aeiousz":
        keeps = rest.endswith("all") or (rest[-1] in "lf" and _groups(rest) == 1)  # recall, stuff; but control, travel
        return rest if keeps else rest[:-1]
    return rest + "e" if _had_e(rest) else rest


def _had_e(rest: str) -> bool:
    """By the spelling of its end."""
    if rest.endswith(ALWAYS_E) and len(rest) > 2:
        return True
    rest = rest.replace("qu", "q") if len(rest) > 3 else rest  # that u is not heard alone
    is_single = len(rest) > 2 and rest[-3] not in VOWELS and rest[-2] in VOWELS and rest[-1] not in VOWELS
    if len(rest) == 2:
        return rest[0] in VOWELS and rest[1] in "cgs"  # us → use, ic → ice, ag → age
    if not is_single:
        return rest.endswith("q") or (rest[-1] == "z" and rest[-2] != "z")
    return rest[-1] not in "wxy" if _groups(rest) == 1 else rest.endswith(TAKES_E)


def _groups(word: str) -> int:
    """Vowels that stand together count as one: 1 for "call", 2 for "travel"."""
    return sum(letter in VOWELS and before not in VOWELS for before, letter in zip(" " + word, word))
