"""Targets that Hydra refuses to build from a config, and those beside them that it does not refuse."""
import os
from unittest import mock

from hydra._internal.instantiate._instantiate2 import (
    DEFAULT_BLOCKLISTED_MODULE_PREFIXES,
    DEFAULT_BLOCKLISTED_MODULES,
    _resolve_target,
)
from hydra.errors import InstantiationException

VARIABLE = "HYDRA_INSTANTIATE_ALLOWLIST_OVERRIDE"

NEIGHBOURS = """
os os.path.join os.getcwdb os.systems os.execv os.exec os.spawnl os.spawn_me posix.system posix.getcwd posix.execve nt.system
nt.spawnv nt.getcwdb posixpath.join builtins builtins.len builtins.evaluate eval exec system subprocess subprocess.Popen.wait
subprocess.list2cmdline shutil.copy ctypes.cdll sys.modules sys.modules.os OS.system os.system. .os.system pathlib.Path
""".split()

# (target, full key, what the variable holds)
ALLOWED = [
    ("os.getcwd", "", "os.getcwd"),
    ("posix.getcwd", "", "os.getcwd"),
    ("posix.getcwd", "a.b", "posix.getcwd"),
    ("os.getcwd", "a.b", "posix.getcwd"),
    ("os.getcwd", "", "os.system:os.getcwd:os.kill"),
    ("os.getcwd", "", "os.system"),
    ("os.getcwd", "", "os.getcwd,os.system"),
    ("os.getcwd", "", "os.*"),
    ("os.getcwd", "", ""),
    ("os.execv", "", "os.exec"),
    ("os.execv", "model.net[0]", "os.execv"),
    ("subprocess.run", "model.net[0]", "subprocess"),
]


def one(target, full_key, allowed):
    """What is said of a target; nothing is called."""
    with mock.patch.dict(os.environ):
        os.environ.pop(VARIABLE, None)
        if allowed is not None:
            os.environ[VARIABLE] = allowed
        message = None
        try:
            _resolve_target(target, full_key)
        except InstantiationException as error:
            if "blocklisted" in str(error):
                message = str(error)
    return {"target": target, "fullKey": full_key, "allowed": allowed, "message": message}


def make():
    names = sorted(DEFAULT_BLOCKLISTED_MODULES) + list(DEFAULT_BLOCKLISTED_MODULE_PREFIXES)
    return (
        [one(name, "", None) for name in names + NEIGHBOURS]
        + [one(name, "model.optimizer", None) for name in ("os.system", "posix.system")]
        + [one(*case) for case in ALLOWED]
    )
