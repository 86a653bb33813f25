"""Overrides and what the grammar makes of them."""
import math
import random

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Glob, IntervalSweep, Override, QuotedString, RangeSweep


def encode(value):
    """JSON in which int, float, str, quoted str and dict stay apart."""
    if value is None or isinstance(value, bool) or isinstance(value, str):
        return value
    if isinstance(value, int):
        return {"i": str(value)}
    if isinstance(value, float):
        return {"f": repr(value)}
    if isinstance(value, QuotedString):
        return {"q": value.text, "c": "'" if value.quote.name == "single" else '"'}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {"d": [[encode(k), encode(v)] for k, v in value.items()]}
    if isinstance(value, ChoiceSweep):
        return {
            "sweep": "choice",
            "list": [encode(item) for item in value.list],
            "simple": value.simple_form,
            "shuffle": value.shuffle,
            "tags": sorted(value.tags),
        }
    if isinstance(value, RangeSweep):
        return {
            "sweep": "range",
            "start": encode(value.start),
            "stop": encode(value.stop),
            "step": encode(value.step),
            "shuffle": value.shuffle,
            "tags": sorted(value.tags),
        }
    if isinstance(value, IntervalSweep):
        return {"sweep": "interval", "start": encode(value.start), "end": encode(value.end), "tags": sorted(value.tags)}
    if isinstance(value, Glob):
        return {"sweep": "glob", "include": patterns(value.include), "exclude": patterns(value.exclude)}
    raise TypeError(type(value))


def patterns(items):
    """Patterns as text; Hydra checks their types only when they are matched."""
    plain = [item.text if isinstance(item, QuotedString) else item for item in items]
    return [item if isinstance(item, str) else Override._get_value_element_as_str(item) for item in plain]


def elements_text(override):
    """The values a sweeper would emit, at most 20, or the error of doing so."""
    if override.is_interval_sweep() or isinstance(override._value, Glob):
        return None
    if getattr(override._value, "shuffle", False):
        return None
    try:
        if not override.is_sweep_override():
            text = override.get_value_element_as_str()
            # A glob inside a list prints as the dataclass that it happens to be; it is no value of a config.
            return {"error": "nested glob"} if "include:[" in text else [text]
        result = []
        for text in override.sweep_string_iterator():
            result.append(text)
            if len(result) == 20:
                break
        return result
    except Exception as error:
        return {"error": type(error).__name__}


def case(text):
    parser = OverridesParser.create()
    try:
        override = parser.parse_overrides([text])[0]
        value = encode(override._value)
    except Exception as error:
        return {"input": text, "error": type(error).__name__, "message": str(error)}
    return {
        "input": text,
        "type": override.type.name,
        "key": override.key_or_group,
        "package": override.package,
        "hasValue": override.value_type is not None,
        "value": value,
        "texts": elements_text(override) if override.value_type is not None else None,
    }


VALUES = """
1 -1 +1 0 00 01 1_000 1__0 1_ _1 0x10 0b1 0o7 1. 1.0 .5 -.5 +.5 1e3 1E3 1e-3 1e+3 -1e3 1.5e300 1e400 1_0.5 1_0e1_0 1.e5
12345678901234567890 -12345678901234567890 0.1 1e-05 1e16 1e22 123456789.123 inf -inf +INF Inf nan NaN -nan true TRUE tRuE
false False null NULL Null None yes no on off y n ??? ${a} ${a.b} ${a}/${b} x${a}y ${f:x,y} ${oc.env:HOME} ${a:${b}} ${}
${a ${a} a a.b a:b a/b a-b a_b a|b a?b a*b a%b a+b a@b a$b $a -a --a a- /abs/path ./rel ../up C:\\dir http://x:80/a?b
1.2.3 1-2 2020-01-01 12:30:00 1:2 a=b 'a=b' "a=b" a\\=b a\\,b a\\\\b a\\b a\\ b a\\(b\\) a\\[b\\] a\\{b\\} a\\:b \\\\ \\, a\\tb
'' "" 'a' "a" 'it\\'s' "a\\"b" 'a\\\\' "a\\\\" 'a\\nb' 'a\\\\b' 'a\\\\\\'b' "it's" 'a"b' 'true' '1' 'null' '${a}' '${a:${b}}' 'é' é
'a'b "a"b a'b' 'a ' ' a' 'a "a a' '\\' '\\\\\\' [] {} [1] [1,2] [a,b] [a,[b,c]] [[],[]] [{}] [{a:1}] [1,] [,] [,1] [1 [1]] ] [1]a
[a b,c] ['a','b'] ["a b"] [1,2.5,true,null,x,'y'] [${a},b] [a:b] {a:1} {a:1,b:2} {a:{b:c}} {a:[1,2]} {a} {a:} {:a} {a:1,} {,}
{1:a,1.5:b,true:c,null:d} {'a':1} {a:'x'} {a\\ b:1} {a.b:1} {a-b:1} {a/b:1} {${a}:1} {a:b:c} {a:1 }a {a:1
a,b 1,2 1,a,true 'a','b' a, ,a a,,b [1],[2] {a:1},{b:2} choice(a,b) choice(a) choice() choice(1,2.5,true) choice([1,2],{a:1})
choice(null) choice('1',2) choice(choice(a,b)) choice(a,choice(b,c)) choice(sort(3,1,2)) range(5) range(1,5) range(1,10,2)
range(10,1,-3) range(0,1,0.1) range(1,0,-0.25) range(1.5) range(0.5,3) range(stop=5) range(start=1,stop=3) range(1,stop=4,step=2)
range(5,null) range() range(1,2,3,4) range(a) range('1') range(0,5,0) range(5,1) range(-3) range(start=1,start=2)
range(1,start=2) range(foo=1) interval(0,1) interval(0.5,1.5) interval(1) interval(a,b) interval(start=0,end=2) interval(0,1,2)
glob(*) glob(a*) glob([a*,b*]) glob(*,exclude=b*) glob(include=a,exclude=[b]) glob() glob(1) sort(3,1,2) sort(c,a,b)
sort([3,1,2]) sort([b,a]) sort(choice(3,1,2)) sort(range(10,1)) sort(range(1,10)) sort(range(10,1),reverse=true)
sort(range(1,10),reverse=true) sort(range(0,5,2),reverse=true) sort(range(10,1,-2)) sort(1) sort(a) sort() sort(3,1,2,reverse=true)
sort(1,a) sort(null) sort([1,a]) sort(1,2.5,true) sort(list=[2,1]) sort(sweep=choice(2,1)) sort([1,2],reverse=1) sort([[2],[1]])
sort(a,[b]) sort({a:1}) shuffle(1,2,3) shuffle(choice(1,2)) shuffle(range(3)) shuffle(1) shuffle(interval(0,1)) shuffle(null)
shuffle(sweep=range(3)) tag(a,choice(1,2)) tag(a,b,range(3)) tag(log,interval(1e-5,1)) tag(interval(0,1)) tag(a,sweep=choice(1,2))
tag() tag(a) tag(1,choice(a)) tag(sweep=choice(a)) tag(b,a,choice(1)) int(1) int(3.7) int(-3.7) int('5') int(a) int(true) int(1,2)
int([1.5,2.5]) int({a:1.5}) int(choice(1.5,2.5)) int(range(0.5,3.5)) int(interval(1.2,5.8)) int(null) int() int(value=3.2)
int(1,value=2) int(inf) int(nan) int('1_000') int(' 5 ') float(1) float(1.5) float('2.5') float(a) float(true) float(1,2)
float([1,2]) float(range(3)) float(interval(0,1)) float('inf') float('1e3') float({a:1}) str(1) str(1.5) str(true) str(a) str('a')
str([1,true]) str({a:1}) str(1,2) str(choice(1,2)) str(range(3)) str(interval(0,1)) str(null) str(1e20) bool(1) bool(0) bool(true)
bool(x) bool('true') bool(FALSE) bool(1.5) bool(0.0) bool([1,0]) bool(1,0) bool(choice(1,0)) bool(range(3)) bool(interval(0,1))
foo(1) foo() Int(1) int (1) int( 1 ) choice( a , b ) int(x=1) range(start=1,2) extend_list(1) json_str(a) tag(a,b,c)
a(b) a b(c) (a) a) ( ) a(b a()b choice(a)b choice(a),b a;b a#b a!b a&b a<b a>b a^b a~b a`b #a ~a !
""".split("\n")

KEYS = """
x x=1 +x +x=1 ++x=1 ~x ~x=1 ~x= +x= ++x +++x=1 ~~x x= =1 += ~= x.y=1 x.0=1 x.0.y=1 0.x=1 0=1 x.01=1 x.y.z=1 x..y=1 x.=1 .x=1
x-y=1 x_y=1 $x=1 x$y=1 x.$y=1 _x=1 -x=1 1x=1 x/y=1 x/y/z=1 x/=1 /x=1 x//y=1 x/y.z=1 x.y/z=1 x@y=1 x@=1 @y=1 x@y.z=1 x@_global_=1
x@_here_=1 x/y@z=1 +x@y=1 ~x@y ~x@y=1 ++x@y=1 x@y/z=1 x@y@z=1 x@a:b=1 x:y=1 x[0]=1 x[0].y=1 [0]=1 é=1 x\\ y=1 'x'=1 "x"=1 ${a}=1
x=1=2 x==1 x=~1 ~x=[1,2] ~x=a,b +x=a,b hydra.run.dir=a hydra/launcher=joblib hydra.sweeper.params.x=1 x.y@z=1 x.y@z.w=1 a1b=2 a.1_0=2
X=1 class=1 __proto__=1 constructor=1 __proto__.x=1 true=1 null=1 inf=1 nan.x=1 1_0.x=1
""".split()

SPACED = [
    "x= 1", "x=1 ", "x= a ", "x=a b", "x=a  b  c", "x=1 2", "x=[ 1 , 2 ]", "x={ a : 1 , b : 2 }", "x={a b:1}", "x= [1]", "x=[1] ",
    "x=[a , b c]", "x='a' ", "x= 'a'", "x=[ ]", "x={ }", "x= ", "x=  ", "x=\t1", "x=a\tb", "x=a , b", "x=[ 'a' , b ]", " x=1", "x =1",
    "x=int( 1 , 2 )", "x=choice (1)", "x=range( start = 1 , stop = 3 )", "x=[1, ]", "x=[ ,1]", "x=a :b", "x={a :b}", "x={ :b}", "",
    " ", "=", "x=\\", "x=\\ ", "x=\\\t", "x=a\nb", "x='a\nb'", "x=\u00e9", "x='\u00e9'", "x=[\u00e9]", "x=\U0001f600", "x='\U0001f600'",
    "x={a\\\\:1}", "x=a\\\\,b", "x='a', 'b'", "x='a' 'b'", "x='a''b'", "x=\"a\"\"b\"", "x=[1 2,3]", "x={1 2:3}", "x={true:1,True:2}",
    "x={1:a,1.0:b}", "x={a:1,a:2}",
]


def systematic():
    texts = [f"x={value}" for line in VALUES for value in line.split()]
    return texts + KEYS + SPACED


ATOMS = ["a", "b-c", "1", "-2", "1.5", "1e3", "true", "null", "inf", "'q'", '"d q"', "${a}", "${f:x}", "/", ".", "\\,", "\\\\", ":",
         " ", "a b", "x_1", "+", "?", "é", "#", "=", "''", "0", "007", "'\\''"]


def random_value(rng, depth):
    kind = rng.randrange(10 if depth > 0 else 4)
    if kind < 4:
        return "".join(rng.choice(ATOMS) for _ in range(rng.choice([1, 1, 1, 2, 3])))
    if kind < 6:
        return "[" + ",".join(random_value(rng, depth - 1) for _ in range(rng.randrange(4))) + "]"
    if kind < 7:
        return "{" + ",".join(f"{rng.choice('abc')}:{random_value(rng, depth - 1)}" for _ in range(rng.randrange(3))) + "}"
    if kind < 9:
        name = rng.choice(["int", "float", "str", "bool", "choice", "range", "interval", "sort", "tag", "glob"])
        return name + "(" + ",".join(random_value(rng, depth - 1) for _ in range(rng.randrange(4))) + ")"
    return ",".join(random_value(rng, depth - 1) for _ in range(2))


def random_text(rng):
    prefix = rng.choice(["", "", "", "+", "++", "~"])
    key = rng.choice(["x", "a.b", "a/b", "a@b", "a/b@c.d", "x.0", "$v"])
    text = f"{prefix}{key}={random_value(rng, 3)}"
    if rng.random() < 0.15:
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice("[]{}(),:='\" \\~#$") + text[at + rng.randrange(2):]
    return text


def make(seed, count, fixed):
    texts = systematic() if fixed else []
    rng = random.Random(seed)
    texts += [random_text(rng) for _ in range(count)]
    seen = dict.fromkeys(texts)
    return [case(text) for text in seen]
