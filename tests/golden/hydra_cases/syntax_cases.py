"""Words that Hydra's override parser refuses, and what it says of them."""
import random

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

CHOSEN = [
    '+x="q",[', '+x="q",{', "+x=1,[", "x=[1],[", "x='q',[@", "x=a,[1", "x=a,[1,", "x=a,[1,]", "x=a,{+", "x=a,{a", "x=a,{a:", "x=a,{a:1", "x=a,{a:1,", "x=a,[(", "x=a,f(",
    "~xtrue:inf1", "~x:", "~x:a", "~x::", "~x~", "~true:null", "++xbool/", "x/", "+x/", "~x/", "x//y", "x/=1", "a/b/:", "x@:", "x@+", "x@@", "x@/=1", "x@y/=1", "+", "++", "~", "+:", "+:1", "+~", "+/~", "++:a",
    "x=[\t", "x={a\tb", "x=[a\t", "x=a\t[", "x=,\t]", "x=a\t(1", "x=a,=\t",
]
PARTS = ["x", "1", "a", "true", "inf", "null", ",", ",", ",", "[", "]", "{", "}", ":", "=", "(", ")", "'q'", "\t", " ", "${a}", "/", "@", "+", "-", "\\,", "x.y", "a/b", "1.5", "$"]
KEYS = ["x", "x", "+x", "++x", "~x", "~xtrue", "x/", "a/b", "x@y", "@y", "+", "++", "~", "x:", "~x:", "~true:", "x.y", "$a", "a/", "+a/", "a/b/", "x@", "x@y/", "x//y", "/x"]


def message(parser, text):
    try:
        parser.parse_override(text)
        return None
    except HydraException as error:
        said = str(error).split("\nSee https")[0]
        # A character that cannot be read is shown at another place, as other cases tell.
        return None if "token recognition" in said else said


def make(seed=9, count=250):
    parser = OverridesParser.create()
    drawn = random.Random(seed)
    texts = dict.fromkeys(CHOSEN)
    while len(texts) < len(CHOSEN) + count:
        text = drawn.choice(KEYS) + drawn.choice(["=", "=", "=", "=", "", ":"]) + "".join(drawn.choice(PARTS) for _ in range(drawn.randint(0, 6)))
        said = message(parser, text)
        if said is not None:
            texts.setdefault(text)
    made = [{"text": text, "message": message(parser, text)} for text in texts]
    return [case for case in made if case["message"] is not None]
