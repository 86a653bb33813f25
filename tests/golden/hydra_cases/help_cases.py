"""What apps print for `--help` and `--hydra-help`, as a program of their own."""
import os
import subprocess
import sys
import tempfile

from .compose_cases import BASE

APP = """import hydra
@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def app(cfg): pass
app()
"""
FILES = {f"conf/{name}.yaml": text for name, text in BASE.items()}
FILES["conf/hydra/help/mine.yaml"] = "app_name: App\nheader: ${hydra.help.app_name} of mine\nfooter: bye\ntemplate: '${hydra.help.header}|$CONFIG|${hydra.help.footer}'\n"
FILES["conf/hydra/hydra_help/mine.yaml"] = "template: 'Mine\n\n  $HYDRA_CONFIG_GROUPS'\n"
FILES["conf/own.yaml"] = "x: 1\ny: ${x}\nhydra:\n  help:\n    app_name: Own\n    template: '${hydra.help.header}$CONFIG'\n"
FILES["conf/srv/inner/a.yaml"] = "q: 1\n"

LINES = [
    ["--help"],
    ["-h", "db=pg", "x=3"],
    ["--help", "--resolve"],
    ["--hydra-help"],
    ["--hydra-help", "-cn", "nope"],
    ["--hydra-help", "hydra.hydra_help.template='T\n$FLAGS_HELP'"],
    ["--hydra-help", "hydra.hydra_help.template='$HYDRA_CONFIG_GROUPS'"],
    ["--hydra-help", "hydra.hydra_help.template='$APP_CONFIG_GROUPS'"],
    ["--hydra-help", "hydra.hydra_help.template='$CONFIG'", "hydra/hydra_logging=none", "hydra/job_logging=none"],
    ["--hydra-help", "hydra/hydra_help=mine"],
    ["--hydra-help", "db=pg"],
    ["--help", "hydra/help=mine"],
    ["--help", "hydra.help.app_name=foo", "hydra.help.header='H ${hydra.help.app_name}'", "hydra.help.footer=F"],
    ["--help", "-cn", "own"],
    ["--help", "-cn", "own", "--resolve", "hydra.help.header=''"],
    ["--help", "hydra.help.template='$$ ${hydra.help.app_name} $APP_CONFIG_GROUPS'"],
    ["--help", "hydra.help.template='$FLAGS_HELP'"],
    ["--help", "hydra.help.template='a $ b'"],
    ["--help", "hydra.help.template='a\nb $1'"],
    ["--help", "hydra.help.template='a $NOPE'"],
    ["--help", "--hydra-help"],
    ["--help", "-m", "--cfg", "job"],
    ["--help", "zz=1"],
]

# Command lines that argparse refuses.
WRONG = [
    ["--cfg", "bad"],
    ["--cfg"],
    ["-c", "jbo"],
    ["--info", "searchpth"],
    ["-i", "bad"],
    ["--nope"],
    ["--mutlirun"],
    ["x=1", "--hydra-hlp"],
    ["-z"],
    ["--c", "job"],
    ["--co"],
    ["--run=1"],
    ["--config-name"],
    ["-cd"],
    ["--package"],
]


def run(args, folder):
    env = {**os.environ, "PYTHONWARNINGS": "ignore", "COLUMNS": "80"}
    ended = subprocess.run([sys.executable, "app.py", *args], cwd=folder, capture_output=True, text=True, env=env)
    stderr = ended.stderr.replace(folder, "<folder>")
    trace = stderr.startswith("Traceback")
    # Of errors that Hydra does not explain, the last line is kept.
    message = stderr.strip().splitlines()[-1].split(": ", 1)[-1] if trace else stderr
    return {"args": args, "code": ended.returncode, "stdout": ended.stdout.replace(folder, "<folder>"), "stderr": message}


def make(lines=LINES):
    with tempfile.TemporaryDirectory() as made:
        folder = os.path.realpath(made)
        for path, text in {**FILES, "app.py": APP}.items():
            os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
            with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
                file.write(text)
        return [run(args, folder) for args in lines]
