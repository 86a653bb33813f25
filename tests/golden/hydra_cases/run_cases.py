"""What apps do where parts of Hydra's own config are missing or wrong, as programs of their own."""
import os
import re
import subprocess
import sys
import tempfile

from .compose_cases import BASE

APP = """import logging
import hydra
@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def app(cfg):
    logging.getLogger("app").info("hi")
    return cfg.x
app()
"""
FILES = {f"conf/{name}.yaml": text for name, text in BASE.items()}
FILES["conf/decoded.yaml"] = "x: 1\ng: '{a: 1}'\nf: ${oc.select:nope,${oc.decode:${.g}}}\nl: ${oc.decode:'[1]'}\n"
FILES["conf/quoted.yaml"] = "defaults:\n- text: map\n- _self_\nx: 1\n"
FILES["conf/text/map.yaml"] = "'a: b'\n"
FILES["conf/text/block.yaml"] = "|\n  a: 1\n  b: {c: 2}\n"
FILES["conf/text/empty.yaml"] = "|2\n"
FILES["conf/text/twice.yaml"] = "\"'a: b'\"\n"
FILES["conf/text/list.yaml"] = "'[1, 2]'\n"
FILES["conf/text/none.yaml"] = "'null'\n"

RUN, SWEEP = "hydra.run.dir=o", "hydra.sweep.dir=s"
LOG = "hydra.experimental.callbacks.LogJobReturnCallback"

LINES = [
    ["~hydra/job_logging", RUN],
    ["~hydra/hydra_logging", RUN],
    ["hydra.job_logging=null", RUN],
    ["~hydra/help", RUN],
    ["~hydra/launcher", "~hydra/sweeper", RUN],
    ["~hydra/job_logging", "--cfg", "job"],
    ["~hydra/help", "--help"],
    ["-m", "~hydra/job_logging", SWEEP],
    ["-m", "~hydra/hydra_logging", SWEEP],
    ["-m", "~hydra/launcher", SWEEP],
    ["-m", "~hydra/sweeper", SWEEP],
    ["-m", "~hydra/output"],
    ["-m", "hydra.job.num=1", SWEEP],
    ["-m", "hydra.job.num=7", "hydra.job.id=q", "x=1,2", SWEEP],
    ["-cn", "decoded", "--cfg", "job"],
    ["-cn", "decoded", "--cfg", "job", "--resolve"],
    ["-cn", "decoded", "--cfg", "job", "--resolve", "~f"],
    ["-cn", "decoded", "--cfg", "job", "--resolve", "~f", "~l"],
    *[["-cn", "quoted", "--cfg", "job", f"text={name}"] for name in ("map", "block", "empty", "twice", "none")],
    ["-cn", "quoted", "--cfg", "job", "text=list"],
    ["+hydra.callbacks.l=5", RUN],
    ["+hydra.callbacks.l=text", RUN],
    ["+hydra.callbacks.l=null", RUN],
    ["+hydra.callbacks.l={a: 1}", RUN],
    ["+hydra.callbacks.l=[1]", RUN],
    ["-m", "+hydra.callbacks.l={a: 1}", "x=1,2", SWEEP],
    [f"+hydra.callbacks.l._target_={LOG}", RUN],
]


HINT = "\nSet the environment variable HYDRA_FULL_ERROR=1 for a complete stack trace.\n"


def message(stderr):
    """What is said, without where in Python: of a trace its last error, of warnings not the place in Hydra's source."""
    if "Traceback" in stderr:
        lines = stderr.strip().splitlines()
        last = max(i for i, line in enumerate(lines) if re.match(r"[A-Za-z_][\w.]*: ", line))
        return re.sub(r"^[\w.]+: ", "", "\n".join(lines[last:])) + "\n"
    stderr = re.sub(r"^/.*?: (?=UserWarning)", "", stderr, flags=re.M).replace("\n  warnings.warn(\n", "\n")
    return stderr.replace(HINT, "")


def run(args, folder):
    for path, text in {**FILES, "app.py": APP}.items():
        os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
            file.write(text)
    env = {**os.environ, "COLUMNS": "80"}
    ended = subprocess.run([sys.executable, "-B", "app.py", *args], cwd=folder, capture_output=True, text=True, env=env)
    times = re.compile(r"^\[[^\]]*\]", re.M)
    folders = [os.path.relpath(at, folder) for at, _, _ in os.walk(folder)]
    return {
        "args": args,
        "code": ended.returncode,
        "stdout": times.sub("[T]", ended.stdout),
        "stderr": message(ended.stderr),
        "folders": sorted(name for name in folders if name != "." and not name.startswith("conf")),
    }


def make():
    results = []
    for args in LINES:
        with tempfile.TemporaryDirectory() as made:
            results.append(run(args, os.path.realpath(made)))
    return results
