"""Evaluates expressions with Python and writes python_format.json: formatting, slices, dictionary methods.

Versions: Python 3.11.
Usage: python tests/golden/make_python_format.py
Each case is the text and its result, or the class of the error.
"""

import json
import os
import random
import warnings

warnings.simplefilter("ignore")

NAMES = {f.__name__: f for f in (abs, bool, float, int, len, max, min, round, str, sum)}

SPECS = """|5|<5|>5|^5|*^7|=5|05|+|-| |+d|d|5d|05d|+05d|,|_|,d|010,|09,|08,|_x|#x|#o|#b|x|X|o|b|c|n|.2f|.0f|8.3f|08.3f|+.1f|,.2f|015,.2f|_.1f|e|.2e|E|.0e|g|.3g|G|.10g|%|.1%|.0%|.3|.1|10.4|s|5s|.2s|<8.2s|>>5|é^5|f|F|.20f|.40f|5.|q|5x5|d5|0>6|x<6|+s|,s|=s|08|^08|0=8|,x|_b|.5d|#d|#s""".split("|")
VALUES = ["0", "1", "-1", "7", "-42", "255", "1234567", "-1234567", "10 ** 20", "0.0", "1.0", "-0.0", "0.5", "1.5", "2.5", "-2.5", "0.125", "0.375", "3.14159", "-1234.5678", "1e-5", "1e-10", "1e16", "1e22", "123456789.125", "float('inf')", "float('nan')", "-float('inf')", "9.995", "0.05", "99999.5", "1 / 3", "True", "False", "None", "'abc'", "''", "'é'", "'a b'", "[1]", "{'a': 1}"]

PERCENTS = ["%s", "%d", "%5d", "%-5d|", "%05d", "%+d", "% d", "%i", "%u", "%x", "%X", "%#x", "%o", "%#o", "%f", "%.2f", "%8.3f", "%-8.1f|", "%08.2f", "%+.1f", "%e", "%.1E", "%g", "%.3g", "%r", "%.2s", "%5s", "%-5s|", "%c", "%%", "%5%", "a", "%", "%q", "%s %s", "%(a)s", "%ld", "%05s", "%-05d|"]
PERCENT_VALUES = ["1", "-7", "255", "1.5", "-2.5", "0.0", "1e20", "True", "None", "'abc'", "'x'", "[1, 2]", "('a', 1)", "()", "('a',)", "(1.5,)", "{'a': 1}", "{}", "float('inf')", "float('nan')", "10 ** 20"]

OTHERS = r"""
'{}'.format(1) ~ '{} {}'.format(1, 'a') ~ '{0} {1} {0}'.format(1, 2) ~ '{a}-{b:03d}'.format(a='x', b=7) ~ '{{{}}}'.format(5) ~ '{'.format() ~ '}'.format() ~ '{}'.format() ~ '{1}'.format(1) ~ '{a}'.format(b=1) ~ '{} {0}'.format(1) ~ '{0} {}'.format(1) ~ '{!r}'.format('a') ~ '{!s:>4}'.format(1.5) ~ '{!x}'.format(1) ~ '{0[a]}'.format({'a': 5}) ~ '{0[1]}'.format([1, 2]) ~ '{x[0][k]}'.format(x=[{'k': 'v'}]) ~ '{0[5]}'.format([1]) ~ '{:}'.format(3) ~ '{:.2f}|{:>6}'.format(1.005, 'ab') ~ '{a}{a}'.format(a=None) ~ 'x'.format(1, 2) ~ '{:d}'.format('a') ~ '{:5}'.format(None) ~ '{:5}'.format([1]) ~ '{}'.format([1, 'a', None, 1.0]) ~ '{}'.format({'a': True}) ~ ''.format(a=1) ~ '{}'.format(1,) ~ '{:>{}}'
f'a' ~ f'{1}' ~ f'{1 + 2} {"x"}' ~ f'{1.5:.2f}' ~ f'{"a"!r}' ~ f'{"a"!r:>5}' ~ f'{{}}' ~ f'{{{1}}}' ~ f'{1!s}' ~ f'{[1, 2][0]}' ~ f'{ {"a": 1}["a"] }' ~ f'{"max" if 1 > 0 else "min"}' ~ f'{1 != 2}' ~ f'{1 == 1}' ~ f'{"abc"[1:]}' ~ f'{"abc"[::-1]}' ~ f'{}' ~ f'{1' ~ f'1}' ~ f'{1:' ~ f'{x}' ~ f'{1 2}' ~ f'' ~ F'{1}' ~ rf'\n{1}' ~ fr'\n{1}' ~ f'\n{1}' ~ 'a' f'{1}' 'b' ~ f'{1:>5}|' ~ f'{True}' ~ f'{None}' ~ f'{1e-07}' ~ f"{'a'}" ~ f'{(1, 2)}' ~ f'{"{"}' ~ f'{1:05d}{2:x}' ~ f'{"a":s}' ~ f'{"a":d}' ~ f'{7:%}' ~ f'{"a" + "b"!r}'
'abc'[::-1] ~ 'abc'[::2] ~ 'abcdef'[1:5:2] ~ 'abcdef'[5:1:-2] ~ 'abcdef'[-1:-4:-1] ~ 'abcdef'[:2:-1] ~ 'abcdef'[2::-1] ~ 'abc'[::0] ~ 'abc'[::'a'] ~ [1, 2, 3][::-1] ~ [1, 2, 3, 4][::2] ~ [1, 2, 3, 4][3:0:-1] ~ [][::-1] ~ 'abc'[10:0:-1] ~ 'abc'[-10:10:2] ~ 'abc'[::] ~ 'abc'[1::] ~ 'abc'[:2:] ~ 'abc'[None:None:None] ~ 'abc'[::True] ~ 'abc'[: :-1] ~ (1, 2, 3)[::-1] ~ 'abc'[1:2:3:4] ~ 'éa😀'[::-1] ~ 5[::1] ~ 'abc'[::-5] ~ 'abc'[::1.5] ~ 'abcdef'[-2:-5:-1] ~ 'abcdef'[::3]
{'a': 1}.get('a') ~ {'a': 1}.get('b') ~ {'a': 1}.get('b', 2) ~ {}.get('a', [1]) ~ {1: 'x'}.get(1.0) ~ {'a': {'b': 2}}.get('a').get('b') ~ {'a': 1}.get('a', 1 / 0) ~ {'a': None}.get('a', 5) ~ 'a' in {'a': 1}.keys() ~ len({'a': 1, 'b': 2}.values()) ~ {'a': 1}.nope() ~ [1].get(0) ~ '-'.join({'a': 1, 'b': 2}.keys()) ~ max({'a': 1, 'b': 5}.values()) ~ sum({'a': 1, 'b': 5}.values())
'a'.ljust(3) + '|' ~ 'a'.rjust(3, '*') ~ 'a'.center(4) + '|' ~ 'ab'.center(5) + '|' ~ 'ab'.center(5, '-') ~ 'a'.center(1) ~ 'abc'.center(2) ~ 'a'.center(6, '-') ~ 'abc'.center(6, '-') ~ 'abc'.center(8, '-') ~ 'a'.ljust(3, 'xy') ~ 'a'.ljust('b') ~ 'a=b=c'.partition('=') ~ 'abc'.partition('=') ~ 'abc'.partition('') ~ ' '.isspace() ~ ''.isspace() ~ ' a'.isspace() ~ 'aBc'.swapcase() ~ 'a'.zfill(3).ljust(5, '.')
'%s' % 'a' ~ '%s %s' % ('a', 'b') ~ '%s' % ('a', 'b') ~ '%s %s' % 'a' ~ '%(a)s %(b)d' % {'a': 1, 'b': 2} ~ '%(c)s' % {'a': 1} ~ '%(a)s' % 1 ~ '%d%%' % 50 ~ 'a' % () ~ 'a' % 1 ~ 'a' % [] ~ 'a' % {} ~ '%s' % (1,) ~ '%s' % ((1, 2),) ~ '%d' % 'a' ~ '%d' % None ~ '%f' % 'a' ~ '%x' % 1.5 ~ '%c' % 65 ~ '%c' % 'ab' ~ '%s' % [1, 2] ~ '%s %s' % [1, 2] ~ 'x' * 2 + '%s' % 1 ~ '%s' % 1 + 'x' ~ 7 % 4 ~ '%s' % (('a',) + ('b',)) ~ '%s %s' % (('a',) + ('b',)) ~ '%s %s' % ('a', 'b', 'c')[:2] ~ '%d' % 3.99 ~ '%d' % -3.99 ~ '%.3d' % 5 ~ '%s' % True ~ '%d' % True ~ '%5.1f|' % 3.14159 ~ '%s' % {'a': 1} ~ '%i items' % 3 ~ '%s_%03d' % ('run', 7)
"""


def expressions():
    for line in OTHERS.strip().split("\n"):
        yield from line.split(" ~ ")
    for value in VALUES:
        for spec in SPECS:
            yield f"'{{:{spec}}}'.format({value})"
    for text in PERCENTS:
        for value in PERCENT_VALUES:
            yield f"'{text}' % {value}"
    rng = random.Random(20261128)
    for _ in range(400):
        value = rng.choice([rng.uniform(-1e3, 1e3), rng.uniform(-1, 1) * 10.0 ** rng.randint(-12, 25), rng.randint(-10**6, 10**6) / 8, rng.randint(-50, 50) + 0.5, rng.randint(-1000, 1000) / 1000])
        spec = rng.choice(["", "+", "0", ","]) + rng.choice(["", "12"]) + rng.choice(["", ".0", ".1", ".2", ".3", ".6", ".10"]) + rng.choice(["f", "e", "g", "%", ""])
        if spec.startswith(","):
            spec = spec[1:].replace(".", ",.", 1) if "." in spec else spec
        yield f"'{{:{spec}}}'.format({value!r})"
    for _ in range(200):
        bound = lambda: rng.choice(["", "0", "1", "2", "-1", "-2", "5", "-9", "9"])
        yield f"'abcdef'[{bound()}:{bound()}:{rng.choice(['', '1', '2', '-1', '-2', '3', '-3'])}]"


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    assert value is None or isinstance(value, (str, int, bool)), value
    return value


def main():
    cases = {}
    for text in expressions():
        if text in cases:
            continue
        try:
            cases[text] = {"result": plain(eval(text, {"__builtins__": NAMES}))}
        except Exception as error:
            cases[text] = {"error": type(error).__name__}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "python_format.json")
    with open(path, "w", encoding="utf-8") as file:
        lines = ",\n".join(json.dumps({"text": text, **result}) for text, result in cases.items())
        file.write("[\n" + lines + "\n]\n")
    print(f"{len(cases)} cases")


if __name__ == "__main__":
    main()
