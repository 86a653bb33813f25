"""Sweeps of the basic sweeper: the jobs that a command line makes."""
import os
import random
import shutil
import tempfile

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra._internal.utils import create_config_search_path
from hydra.core.override_parser.overrides_parser import OverridesParser

GROUP = {"db/mysql": "a: 1\n", "db/pg": "a: 2\n", "db/sqlite": "a: 3\n", "db/nested/deep": "a: 4\n"}

LINES = """
x=1,2|x=1,2 y=a,b|x=1,2 y=a,b z=true,false|x=1|x=1 y=2|x=choice(1,2)|x=choice('1',2)|x='1',2|x=range(1,4)|x=range(3) y=range(2)|x=range(0,1,0.25)
x=range(5,0,-2)|x=range(3,3)|x=range(0)|db=glob(*)|db=glob(m*)|db=glob([m*,p*])|db=glob(*,exclude=p*)|db=glob(z*)|db=glob(*l)|db=glob([!m]*)
x=1,2 x=3|x=1,2 x=3,4|x=1,2 y=1 x=5|+x=1,2|++x=1,2|~x|~x=1|+x=1,2 x=3|db@a=mysql,pg|x=interval(0,1)|x=tag(a,choice(1,2))|x=tag(log,interval(1,2))
x=[1,2],[3]|x={a:1},{a:2}|x=null,1|x=true,false|x=1.5,1e-5,1e20|x=a b,c d|x='a b','c,d'|x=a\\,b,c|x=d/e:f,g|x=${y},${z}|x=|x=''|x='',a|x=sort(3,1,2)
x=sort(3,1,2,reverse=true)|x=sort(range(10,1))|x=int(1.5,2.5)|x=str(1,2)|x=float(range(3))|x=bool(0,1)|x=choice(a,[b,c],{d:e})|x=inf,nan|x=1_000,2_000
x=[a,'b',"c"],d|x={a:'b'}|x=['a b']|x="it's",'say "hi"'|a.b=1,2 c/d=x,y|hydra.job.name=a,b|x=choice(1)|x=range(1.5)|x=1 2,3|x=\\,,\\\\|x=é
""".replace("\n", "|").split("|")


def case(folder, words, batch=None):
    result = {"args": words, "batch": batch}
    try:
        loader = ConfigLoaderImpl(create_config_search_path(folder))
        overrides = OverridesParser.create(config_loader=loader).parse_overrides(words)
        batches = BasicSweeper.split_arguments(overrides, batch)
        result["batches"] = batches
    except Exception as error:
        result["error"] = type(error).__name__
        result["message"] = str(error)
    return result


def split(line):
    words = []
    for word in line.split(" "):
        if words and "=" not in word and not word.startswith("~"):
            words[-1] += f" {word}"
        else:
            words.append(word)
    return [word for word in words if word != ""]


def random_words(rng):
    keys = rng.sample(["x", "y.z", "+n", "++o", "db", "w"], rng.randrange(1, 4))
    values = ["1", "2.5", "a", "null", "true", "'q'", "[1,b]", "{k:1}", "${x}", "a\\,b", "1e-7", "d:e", "f g"]
    words = []
    for key in keys:
        kind = rng.randrange(6)
        if kind < 3:
            words.append(f"{key}=" + ",".join(rng.choice(values) for _ in range(rng.randrange(1, 4))))
        elif kind == 3:
            words.append(f"{key}=choice(" + ",".join(rng.choice(values[:3]) for _ in range(rng.randrange(1, 4))) + ")")
        elif kind == 4:
            words.append(f"{key}=range({rng.randrange(-3, 3)},{rng.randrange(-3, 6)},{rng.choice(['1', '2', '-1', '0.5'])})")
        else:
            words.append(f"{key}=sort(" + ",".join(str(rng.randrange(9)) for _ in range(3)) + ")")
    return words


def make(seed, count, fixed):
    folder = tempfile.mkdtemp()
    try:
        for name, text in GROUP.items():
            path = os.path.join(folder, f"{name}.yaml")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        cases = []
        if fixed:
            cases += [case(folder, split(line)) for line in LINES if line != ""]
            cases += [case(folder, ["x=1,2,3", "y=a,b"], batch) for batch in (1, 2, 4, 6, 10)]
        rng = random.Random(seed)
        cases += [case(folder, random_words(rng)) for _ in range(count // 3)]
        return cases
    finally:
        shutil.rmtree(folder)
