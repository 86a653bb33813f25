"""Config trees, command lines, and what Hydra composes from them."""
import os
import random
import shutil
import tempfile

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.utils import create_config_search_path
from hydra.core.utils import setup_globals
from hydra import version
from hydra.types import RunMode
from omegaconf import OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

version.setbase("1.3")

BASE = {
    "config": "defaults:\n  - db: mysql\n  - optional server: apache\n  - _self_\nx: 1\nname: hello\nlst: [1, 2, 3]\nnest:\n  a: 1\n  b: ${x}\n",
    "db/mysql": "driver: mysql\nport: 3306\n",
    "db/pg": "driver: pg\nport: 5432\n",
}

VALUE_OVERRIDES = """
x=2|x=1_000|x=01|x=1e3|x=0x10|x=.5|x=TRUE|x=yes|x=NULL|x=None|x=|x=''|x= a |x=a b|x='1'|x='it\\'s'|x='a\\\\'|x=a\\,b|x=a\\b
x=[a,[b,1],{c: true}]|x={a b:1,2:c}|x={a:1}|x=[]|x={}|x=${name}|x=${nest.a}|x='${a:${b}}'|x=???|x=inf|x=nan|x=-1.5|x=1.0|x=1e22
y=1|+y=1|++y=1|+x=5|++x=5|+nest={c: 3}|nest={c: 3}|nest={a: 3}|++nest={c: 3}|nest=1|nest=null|nest=[1]|lst=[]|lst=[9]|lst=1|lst={a:1}
lst.0=9|lst.7=9|lst.-1=9|+lst.3=4|++lst.3=4|lst.a=1|nest.a=5|nest.c=5|+nest.c=5|++nest.c=5|+nest.c.d.e=5|+a.b.c=1|+x.y=1|++x.y=1
~x|~x=1|~x=2|~nest.a|~nest|~nest.zz|~zz|~nest.a=1|~nest.b|~nest.b=1|~lst|~lst=[1,2,3]|~name=hello|~name=other|~db.port|db.port=1
db.zz=1|+db.zz=1|+db={a: 1}|db={port: 1}|~db|~db=mysql|~db=pg|~server|db=pg|db=nope|db=1|db=true|db=[mysql,pg]|db=[pg,mysql]|db=[]|db=[nope]
db=mysql.yaml|db='pg'|+db=pg|+db@backup=pg|+db@a.b=pg|+db@_global_=pg|db@x=pg|++db=pg|db@db=pg|+db@db=pg|server=nope|a@b=1|a@b=pg|x@y=1
db=pg db.port=1|db.port=1 db=pg|+db@a=pg +db@b=mysql|+db@a=pg a.port=7|x=2 x=3|+y=1 y=2|+y=1 ~y|~x +x=5|+y=1 +y=2|db=pg db=mysql
x=1,2|x=choice(1,2)|x=range(3)|x=interval(0,1)|db=mysql,pg|db=glob(*)|hydra.run.dir=a,b|x=int(3.7)|x=str(1)|x=sort([3,1])|x=float(1)
hydra.job.name=foo x=3|hydra.job.config.override_dirname.kv_sep=_ x=3 db=pg|hydra.job.config.override_dirname.exclude_keys=[x] x=3 db=pg
hydra.verbose=true|hydra.verbose=[a,b]|hydra.zz=1|+hydra.zz=1|hydra/launcher=basic|hydra/launcher=nope|hydra/job_logging=disabled
hydra/job_logging=nope|hydra.run.dir=out|hydra.sweep.dir=a|hydra.output_subdir=null|hydra.mode=RUN|hydra.job.env_set={A: b}|nest.a.b=1
+__proto__.x=1|+constructor=1|+a={__proto__: 1}|+toString=1|x.y.z=1|lst.0.a=1|nest.b=7|nest.b={q: 1}|name=${zz}|name=${oc.env:NOPE_X,d}|name=${now:%Y}
""".replace("\n", "|").split("|")

BASE_SWEEP = "x=1,2|db=mysql,pg|x=choice(1,2) db=pg|hydra.run.dir=1,2|x=range(3) +y=1|hydra/launcher=basic,nope".split("|")


def tree(config, **files):
    return {"config": config, **{name.replace("__", "/"): text for name, text in files.items()}}


DB = {"db/mysql": BASE["db/mysql"], "db/pg": BASE["db/pg"]}

# name -> (files, config name, override lists)
TREES = {
    "self last by default": ({**DB, "config": "defaults:\n- db: mysql\ndb:\n  port: 1\n"}, ["", "db=pg", "db.port=9"]),
    "self first": ({**DB, "config": "defaults:\n- _self_\n- db: mysql\ndb:\n  port: 1\n  q: 2\n"}, ["", "db=pg"]),
    "self middle": ({**DB, "config": "defaults:\n- db: mysql\n- _self_\n- db@db: pg\ndb: {port: 1}\n"}, [""]),
    "self twice": ({**DB, "config": "defaults:\n- _self_\n- db: mysql\n- _self_\n"}, [""]),
    "self at package": ({**DB, "config": "defaults:\n- _self_@x\n"}, [""]),
    "no defaults": ({"config": "a: 1\nb: {c: 2}\n"}, ["", "a=2", "+d=1"]),
    "empty": ({"config": ""}, ["", "+a=1"]),
    "scalar": ({"config": "abc"}, [""]),
    "primary list": ({"config": "- 1\n- 2\n"}, [""]),
    "missing option": ({**DB, "config": "defaults:\n- db: ???\n"}, ["", "db=pg", "db=nope", "~db"]),
    "missing nested option": ({**DB, "config": "defaults:\n- srv: a\n", "srv/a": "defaults:\n- db: ???\n", "srv/db/x": "q: 1\n"},
                              ["", "srv/db=x", "srv/db=???"]),
    "null option": ({**DB, "config": "defaults:\n- db: null\nx: 1\n"}, ["", "db=pg", "~db", "+db=pg"]),
    "list option": ({**DB, "config": "defaults:\n- db: [mysql, pg]\n"}, ["", "db=mysql", "db=[pg,mysql]", "db=[]", "~db"]),
    "empty list option": ({**DB, "config": "defaults:\n- db: []\n- _self_\n"}, ["", "db=[pg]", "db=pg"]),
    "bad list option": ({**DB, "config": "defaults:\n- db: [1]\n"}, [""]),
    "interpolated list option": ({**DB, "config": "defaults:\n- db: ['${x}']\n"}, [""]),
    "optional": ({**DB, "config": "defaults:\n- optional db: nope\n- optional zz: a\n- _self_\nx: 1\n"}, ["", "db=pg", "db=other", "zz=b"]),
    "optional list": ({**DB, "config": "defaults:\n- optional db: [nope, pg]\n"}, [""]),
    "optional config": ({**DB, "config": "defaults:\n- optional foo\n"}, [""]),
    "unknown word": ({**DB, "config": "defaults:\n- foo db: pg\n"}, [""]),
    "config entry": ({"config": "defaults:\n- base\n- _self_\nx: 2\n", "base": "x: 1\ny: 1\n"}, ["", "y=3"]),
    "config entry nested": ({"config": "defaults:\n- sub/base\n", "sub/base": "x: 1\n"}, [""]),
    "config entry absolute": ({"config": "defaults:\n- srv: a\n", "srv/a": "defaults:\n- /base\n- other\n- _self_\nz: 1\n", "base": "x: 1\n", "srv/other": "o: 1\n"}, [""]),
    "config entry packaged": ({"config": "defaults:\n- base@foo.bar\n- sub/base@q\n", "base": "x: 1\n", "sub/base": "y: 1\n"}, [""]),
    "config entry absent": ({"config": "defaults:\n- nope\n"}, [""]),
    "config entry twice": ({"config": "defaults:\n- base\n- base\n", "base": "x: 1\n"}, [""]),
    "config entry missing": ({"config": "defaults:\n- ???\n"}, [""]),
    "group in group relative": ({**DB, "config": "defaults:\n- srv: a\n", "srv/a": "defaults:\n- db: mysql\nname: a\n", "srv/db/mysql": "inner: true\n", "srv/db/pg": "inner: pg\n"},
                                ["", "srv/db=pg", "db=pg", "srv.db.inner=1"]),
    "group in group absolute": ({**DB, "config": "defaults:\n- srv: a\n", "srv/a": "defaults:\n- /db: mysql\nname: a\n"},
                                ["", "db@srv.db=pg", "db=pg", "~db@srv.db", "db@srv=pg"]),
    "package global": ({**DB, "config": "defaults:\n- db@_global_: pg\nx: 1\n"}, ["", "db@_global_=mysql", "db=mysql", "~db@_global_"]),
    "package here": ({**DB, "config": "defaults:\n- srv: a\n", "srv/a": "defaults:\n- db@_here_: x\nname: a\n", "srv/db/x": "k: 1\n"}, ["", "srv/db@srv=x"]),
    "package group": ({**DB, "config": "defaults:\n- srv: a\n", "srv/a": "defaults:\n- db@_group_.q: x\n- /db@_group_: pg\nname: a\n", "srv/db/x": "k: 1\n"}, [""]),
    "package global nested": ({**DB, "config": "defaults:\n- srv: a\n", "srv/a": "defaults:\n- /db@_global_.x.y: pg\n- /db@_global_: mysql\nname: a\n"}, [""]),
    "package plain": ({**DB, "config": "defaults:\n- db@a: mysql\n- db@b.c: pg\n- _self_\nx: 1\n"}, ["", "db@a=pg", "db@b.c=mysql", "db=pg", "~db@a", "db@c=pg", "+db=pg"]),
    "package name literal": ({**DB, "config": "defaults:\n- db@_name_: mysql\n"}, [""]),
    "rename form": ({**DB, "config": "defaults:\n- db@a:b: mysql\n"}, [""]),
    "header": ({"config": "defaults:\n- db: a\n", "db/a": "# @package foo.bar\nname: g\n"}, ["", "db=b"]),
    "header global": ({"config": "defaults:\n- db: a\n", "db/a": "\n\n#@package _global_\nname: g\n"}, [""]),
    "header after comment": ({"config": "defaults:\n- db: a\n", "db/a": "# hi\n# @package foo\nname: g\n"}, [""]),
    "header too long": ({"config": "defaults:\n- db: a\n", "db/a": "# @package foo bar\nname: g\n"}, [""]),
    "header too short": ({"config": "defaults:\n- db: a\n", "db/a": "# @package\nname: g\n"}, [""]),
    "header group literal": ({"config": "defaults:\n- db: a\n", "db/a": "# @package _group_\nname: g\n"}, [""]),
    "header and entry": ({"config": "defaults:\n- db@x: a\n", "db/a": "# @package foo\nname: g\n"}, [""]),
    "header parent of defaults": ({"config": "defaults:\n- srv: a\n", "srv/a": "# @package _global_\ndefaults:\n- db: x\nname: a\n", "srv/db/x": "k: 1\n"}, ["", "srv/db@db=x"]),
    "header on primary": ({"config": "# @package foo\ndefaults:\n- db: a\nx: 1\n", "db/a": "k: 1\n"}, [""]),
    "override in list": ({**DB, "config": "defaults:\n- db: mysql\n- override db: pg\n"}, ["", "db=mysql"]),
    "override too early": ({**DB, "config": "defaults:\n- override db: pg\n- db: mysql\n"}, [""]),
    "override then self": ({**DB, "config": "defaults:\n- db: mysql\n- override db: pg\n- _self_\nx: 1\n"}, [""]),
    "override absent": ({**DB, "config": "defaults:\n- override db: pg\n"}, [""]),
    "override only": ({"config": "defaults:\n- override hydra/job_logging: stdout\nx: 1\n"}, ["", "hydra/job_logging=disabled"]),
    "hydra without override": ({"config": "defaults:\n- hydra/job_logging: stdout\n"}, [""]),
    "hydra group relative": ({"config": "defaults:\n- hydra: d\n- _self_\nx: 1\n", "hydra/d": "defaults:\n- override hydra_logging: none\n- override job_logging: stdout\nrun:\n  dir: a/${x}\n"}, [""]),
    "hydra content": ({"config": "x: 1\nhydra:\n  run:\n    dir: out/${x}\n  job:\n    name: me\n"}, ["", "hydra.job.name=you"]),
    "experiment": ({**DB, "config": "defaults:\n- db: mysql\n- _self_\n- exp: null\nx: 1\n", "exp/e1": "# @package _global_\ndefaults:\n- override /db: pg\nx: 2\ndb:\n  port: 7\n", "exp/e2": "# @package _global_\ndefaults:\n- e1\nx: 3\n", "exp/e3": "# @package _global_\ndefaults:\n- override db: pg\nx: 2\n"},
                   ["", "exp=e1", "exp=e1 db=mysql", "exp=e2", "exp=e3", "+exp=e1", "exp=e1 x=5", "exp=e1 ~db", "exp=[e1]"]),
    "experiment first": ({**DB, "config": "defaults:\n- exp: e1\n- db: mysql\n", "exp/e1": "# @package _global_\ndefaults:\n- override /db: pg\nx: 2\n"}, [""]),
    "experiment appended": ({**DB, "config": "defaults:\n- db: mysql\nx: 1\n", "exp/e1": "# @package _global_\ndefaults:\n- override /db: pg\nx: 2\n"}, ["+exp=e1", "+exp=e1 db=mysql"]),
    "two overrides": ({**DB, "config": "defaults:\n- db: mysql\n- e: e1\n- f: e2\n", "db/z": "z: 1\n", "e/e1": "defaults:\n- override /db: pg\n", "f/e2": "defaults:\n- override /db: z\n"}, ["", "db=mysql"]),
    "own override beats": ({**DB, "config": "defaults:\n- db: mysql\n- e: e1\n- override db: z\n", "db/z": "z: 1\n", "e/e1": "defaults:\n- override /db: pg\n"}, [""]),
    "override with package": ({**DB, "config": "defaults:\n- db@x: mysql\n- override db@x: pg\n"}, ["", "db@x=mysql"]),
    "override wrong package": ({**DB, "config": "defaults:\n- db@x: mysql\n- override db: pg\n"}, [""]),
    "override two packages": ({**DB, "config": "defaults:\n- db@x: mysql\n- db@y: mysql\n- override db: pg\n"}, [""]),
    "override to null": ({**DB, "config": "defaults:\n- db: mysql\n- override db: null\n- _self_\nx: 1\n"}, [""]),
    "override to list": ({**DB, "config": "defaults:\n- db: mysql\n- override db: [pg, mysql]\n"}, [""]),
    "override optional": ({**DB, "config": "defaults:\n- optional db: mysql\n- override db: nope\n- optional override zz: a\n"}, [""]),
    "same twice": ({**DB, "config": "defaults:\n- db: mysql\n- db: mysql\n"}, [""]),
    "different twice": ({**DB, "config": "defaults:\n- db: mysql\n- db: pg\n"}, [""]),
    "interpolated group": ({**DB, "config": "defaults:\n- db: mysql\n- combo: ${db}_x\n", "combo/mysql_x": "c: m\n", "combo/pg_x": "c: p\n"}, ["", "db=pg", "combo=pg_x", "~combo"]),
    "interpolated config": ({**DB, "config": "defaults:\n- db: mysql\n- ${db}_x\n", "mysql_x": "c: m\n", "pg_x": "c: p\n"}, ["", "db=pg"]),
    "interpolated two": ({**DB, "config": "defaults:\n- db: mysql\n- srv: a\n- combo: ${db}_${srv}\n", "srv/a": "s: a\n", "srv/b": "s: b\n", "combo/mysql_a": "c: ma\n", "combo/pg_b": "c: pb\n"}, ["", "db=pg srv=b", "db=pg"]),
    "interpolated nested key": ({"config": "defaults:\n- srv/db: a\n- combo: ${srv/db}\n", "srv/db/a": "s: a\n", "combo/a": "c: a\n"}, [""]),
    "interpolated early": ({**DB, "config": "defaults:\n- combo: ${db}_x\n- db: mysql\n", "combo/mysql_x": "c: m\n", "combo/pg_x": "c: p\n"}, ["", "db=pg"]),
    "interpolated optional": ({**DB, "config": "defaults:\n- db: mysql\n- optional combo: ${db}_x\n"}, [""]),
    "interpolated unknown": ({**DB, "config": "defaults:\n- db: mysql\n- combo: ${zz}\n"}, [""]),
    "interpolated legacy": ({**DB, "config": "defaults:\n- db: mysql\n- combo: ${defaults.0.db}\n"}, [""]),
    "interpolated overrides": ({**DB, "config": "defaults:\n- db: mysql\n- combo: ${db}\n", "combo/mysql": "defaults:\n- db: a\n- override db: b\n", "combo/db/a": "q: 1\n", "combo/db/b": "q: 2\n"}, [""]),
    "interpolated env": ({**DB, "config": "defaults:\n- db: ${oc.env:NO_SUCH_VARIABLE,pg}\n"}, [""]),
    "searchpath": ({"config": "defaults:\n- db: a\nhydra:\n  searchpath:\n  - file://<main>/extra\n", "extra/db/a": "q: 1\n"}, ["", "hydra.searchpath=[]"]),
    "searchpath in group": ({"config": "defaults:\n- db: a\n", "db/a": "# @package _global_\nhydra:\n  searchpath: [file://x]\n"}, [""]),
    "searchpath no list": ({"config": "hydra:\n  searchpath: foo\n"}, [""]),
    "searchpath bad item": ({"config": "hydra:\n  searchpath: [1]\n"}, ["", "hydra.searchpath=[a,2]", "hydra.searchpath=x"]),
    "defaults map": ({"config": "defaults:\n  db: mysql\n"}, [""]),
    "defaults text": ({"config": "defaults: db\n"}, [""]),
    "defaults int item": ({"config": "defaults:\n- 1\n"}, [""]),
    "defaults null item": ({"config": "defaults:\n- null\n"}, [""]),
    "defaults list item": ({"config": "defaults:\n- [a]\n"}, [""]),
    "defaults two keys": ({"config": "defaults:\n- a: b\n  c: d\n"}, [""]),
    "defaults empty item": ({"config": "defaults:\n- {}\n"}, [""]),
    "defaults int value": ({"config": "defaults:\n- db: 1\n"}, [""]),
    "defaults map value": ({"config": "defaults:\n- db: {a: 1}\n"}, [""]),
    "defaults bool value": ({"config": "defaults:\n- db: true\n"}, [""]),
    "defaults empty": ({"config": "defaults: []\nx: 1\n"}, [""]),
    "nested defaults key": ({"config": "x:\n  defaults: [a]\n"}, [""]),
    "dict and list": ({"config": "defaults:\n- a\n- b\n", "a": "x: {q: 1}\n", "b": "x: [1]\n"}, [""]),
    "list and dict": ({"config": "defaults:\n- a\n- b\n", "a": "x: [1]\n", "b": "x: {q: 1}\n"}, [""]),
    "null onto dict": ({"config": "defaults:\n- a\n- b\n", "a": "x: {q: 1}\n", "b": "x: null\n"}, ["", "x={z: 1}", "+x.z=1"]),
    "dict onto null": ({"config": "defaults:\n- a\n- b\n", "a": "x: null\n", "b": "x: {q: 1}\n"}, [""]),
    "missing onto value": ({"config": "defaults:\n- a\n- b\n", "a": "x: 1\ny: ???\n", "b": "x: ???\ny: 2\n"}, ["", "x=3"]),
    "missing stays": ({"config": "x: ???\n"}, ["", "x=1", "~x", "+x=1", "++x=1"]),
    "interpolation onto": ({"config": "defaults:\n- a\n- b\n", "a": "x: 1\ny: {q: 1}\nz: ${y}\n", "b": "x: ${y}\nz: {r: 2}\n"}, [""]),
    "list file in group": ({"config": "defaults:\n- lst: a\n", "lst/a": "- 1\n- 2\n"}, ["", "lst.0=5", "lst=[7]"]),
    "group order": ({"config": "defaults:\n- b: x\n- a: x\n- _self_\nz: 1\n", "a/x": "v: a\n", "b/x": "v: b\n"}, ["", "~a", "+a@q=x"]),
    "deep": ({"config": "defaults:\n- l1: a\n", "l1/a": "defaults:\n- l2: a\n- _self_\nv: 1\n", "l1/l2/a": "defaults:\n- l3: a\nv: 2\n", "l1/l2/l3/a": "v: 3\n", "l1/l2/l3/b": "v: 4\n"},
             ["", "l1/l2/l3=b", "l1/l2=nope", "l1/l2/l3=zz", "~l1/l2", "+l1/l2/l3@top=b"]),
    "yaml scalars": ({"config": "a: 017\nb: 1:30\nc: .5\nd: -.5\ne: 1e3\nf: on\ng: y\nh: 2020-01-01\ni: 1_0.5\nj: 0o17\nk: ~\nl: 'on'\nm: 0x1F\nn: 1.\no: .inf\np: .nan\nq: -0.0\nr: 1e-5\n"}, ["", "a=8 e=1"]),
    "keys of all kinds": ({"config": "1: a\ntrue: b\n1.5: c\n'2': d\na.b: e\n'': f\n"}, ["", "2=x", "+a.b=1"]),
    "template": ({"config": "# @package _global_\ndefaults:\n- _self_\n- data: mnist\n- logger: null\n- callbacks: default\n- experiment: null\n- optional local: default\n- debug: null\ntask_name: train\ntags: [dev]\nseed: null\n",
                  "data/mnist": "batch_size: 128\nnum_workers: 0\n", "logger/csv": "csv:\n  name: csv\n", "logger/wandb": "wandb:\n  key: ${oc.env:NO_SUCH_KEY}\n",
                  "logger/many": "defaults:\n- csv\n# - wandb\n", "callbacks/default": "defaults:\n- stop\n- _self_\nstop:\n  patience: 100\n", "callbacks/stop": "stop:\n  monitor: ???\n  patience: 3\n", "callbacks/none": "",
                  "experiment/example": "# @package _global_\ndefaults:\n- override /data: mnist\n- override /callbacks: default\ntags: [a, b]\nseed: 1\ndata:\n  batch_size: 64\nlogger:\n  wandb:\n    tags: ${tags}\n",
                  "debug/default": "# @package _global_\ntask_name: debug\ncallbacks: null\nlogger: null\nhydra:\n  job_logging:\n    root:\n      level: DEBUG\ndata:\n  num_workers: 0\n",
                  "debug/fdr": "# @package _global_\ndefaults:\n- default\ntrainer:\n  fast_dev_run: true\n"},
                 ["", "experiment=example", "debug=fdr", "debug=fdr experiment=example", "logger=csv", "logger=[csv,wandb]", "logger=many", "logger=[]", "callbacks=none",
                  "experiment=example logger=wandb", "tags=[x]", "data.batch_size=1 seed=3", "+trainer.max_time=\"00:12:00:00\"", "debug=default logger=csv"]),
}


def write(files, folder):
    for name, text in files.items():
        path = os.path.join(folder, f"{name}.yaml")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("<main>", folder))


def case(label, files, overrides, mode=RunMode.RUN, config_name="config"):
    folder = tempfile.mkdtemp()
    result = {"label": label, "files": files, "configName": config_name, "overrides": overrides, "mode": mode.name}
    try:
        write(files, folder)
        setup_globals()
        loader = ConfigLoaderImpl(create_config_search_path(folder))
        cfg = loader.load_configuration(config_name, list(overrides), mode, from_shell=False)
        hydra = cfg.hydra
        result["choices"] = list(OmegaConf.to_container(hydra.runtime.choices).items())
        result["dirname"] = hydra.job._get_node("override_dirname")._value()
        defaults = loader.compute_defaults_list(config_name, list(overrides), mode)
        result["defaults"] = [[d.config_path, d.package, d.is_self, d.parent] for d in defaults.defaults]
        result["hydraOwn"] = OmegaConf.to_yaml(OmegaConf.masked_copy(cfg, "hydra").hydra.run) + OmegaConf.to_yaml(hydra.job_logging)
        with open_dict(cfg):
            del cfg["hydra"]
        result["yaml"] = OmegaConf.to_yaml(cfg)
    except Exception as error:
        for key in ("choices", "dirname", "defaults", "hydraOwn", "yaml"):
            result.pop(key, None)
        message = str(error)
        if isinstance(error.__cause__, OmegaConfBaseException):
            message += "\n" + str(error.__cause__)
        result["error"] = type(error).__name__
        result["cause"] = type(error.__cause__).__name__ if error.__cause__ is not None else None
        result["message"] = message
    finally:
        shutil.rmtree(folder)
    return {key: (scrub(value, folder) if isinstance(value, str) else value) for key, value in result.items()}


def scrub(text, folder):
    return text.replace(folder, "<main>")


GROUPS = ["db", "srv", "opt"]
OPTIONS = ["a", "b", "c"]


def random_content(rng, depth=2):
    lines = {}
    for _ in range(rng.randrange(4)):
        key = rng.choice(["k", "l", "m", "n", "db", "srv"])
        kind = rng.randrange(8)
        if kind < 4:
            lines[key] = rng.choice(["1", "2.5", "text", "null", "true", "???", "[1, 2]", "[]", "{}", "'1'", "${k}", "1e3"])
        elif depth > 0:
            inner = random_content(rng, depth - 1)
            lines[key] = "{" + ", ".join(f"{k}: {v}" for k, v in inner.items() if "$" not in v and "?" not in v) + "}"
        else:
            lines[key] = "x"
    return lines


def random_entry(rng, groups, level):
    kind = rng.randrange(10)
    group = rng.choice(groups)
    option = rng.choice(OPTIONS + ["a", "b", "null", "[a, b]"])
    package = rng.choice(["", "", "", "", "@x", "@_global_", "@_here_", "@_group_.y"])
    slash = "/" if level > 0 and rng.random() < 0.5 else ""
    word = rng.choice(["", "", "", "optional "])
    if kind == 0:
        return f"- {slash}{group}/{rng.choice(OPTIONS)}"
    if kind == 1 and level > 0:
        return f"- override /{group}: {rng.choice(OPTIONS)}"
    return f"- {word}{slash}{group}{package}: {option}"


def random_file(rng, groups, level):
    text = rng.choice(["", "", "", "# @package _global_\n", "# @package q.r\n"]) if level > 0 else ""
    if groups and rng.random() < (0.95 if level == 0 else 0.3):
        entries = [random_entry(rng, groups, level) for _ in range(rng.randrange(1, 4))]
        overrides = [entry for entry in entries if "override" in entry]
        entries = [entry for entry in entries if "override" not in entry]
        if rng.random() < 0.6:
            entries.insert(rng.randrange(len(entries) + 1), "- _self_")
        text += "defaults:\n" + "\n".join(entries + overrides) + "\n"
    content = random_content(rng)
    return text + "".join(f"{key}: {value}\n" for key, value in content.items())


def random_tree(rng):
    files = {"config": random_file(rng, GROUPS, 0)}
    for i, group in enumerate(GROUPS):
        for option in OPTIONS:
            if rng.random() < 0.85:
                # A group refers only to groups after it, so that no tree is endless.
                files[f"{group}/{option}"] = random_file(rng, GROUPS[i + 1:], 1)
    return files


def random_overrides(rng):
    result = []
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
        group = rng.choice(GROUPS)
        option = rng.choice(OPTIONS)
        key = rng.choice(["k", "l", "m.k", "db.k", "srv.k", "x.k", "db.n.m"])
        value = rng.choice(["1", "a", "null", "[1,2]", "{k: 2}", "${l}", "'1'", "2.5", ""])
        result.append(rng.choice([
            f"{group}={option}", f"{group}={option}", f"+{group}={option}", f"~{group}", f"{group}@x={option}", f"+{group}@z={option}",
            f"{key}={value}", f"+{key}={value}", f"++{key}={value}", f"~{key}", f"~{key}={value}",
        ]))
    return result


def make(seed, count, fixed):
    cases = []
    if fixed:
        for line in [""] + VALUE_OVERRIDES:
            cases.append(case("base", BASE, split(line)))
        for line in BASE_SWEEP:
            cases.append(case("base sweep", BASE, split(line), RunMode.MULTIRUN))
        for label, (files, lines) in TREES.items():
            for line in lines:
                cases.append(case(label, files, line.split()))
        missing = TREES["missing option"][0]
        cases.append(case("missing option in a sweep", missing, [], RunMode.MULTIRUN))
        cases.append(case("primary absent", BASE, [], config_name="nope"))
        cases.append(case("primary in group", BASE, [], config_name="db/pg"))
        cases.append(case("primary with extension", BASE, ["db=nope"], config_name="config.yaml"))
    rng = random.Random(seed)
    while count > 0:
        files = random_tree(rng)
        for _ in range(3):
            made = case("random", files, random_overrides(rng))
            # Hydra merges into the nodes of its cache, so a config that is used twice comes out changed the second
            # time; such trees are left out.
            paths = [row[0] for row in made.get("defaults", []) if not row[0].startswith("hydra/")]
            if len(paths) == len(set(paths)):
                cases.append(made)
            count -= 1
    return cases


def split(line):
    """Words of a command line; a blank separates only before a new key."""
    words = []
    for word in line.split(" "):
        if words and not any(word.startswith(start) for start in ("+", "~")) and "=" not in word.split("{")[0]:
            words[-1] += f" {word}"
        else:
            words.append(word)
    return [word for word in words if word != ""]
