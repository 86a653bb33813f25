"""What get_class, get_method and get_object find, say and log."""
import logging

from hydra.utils import get_class, get_method, get_object

NAMES = ["targets.Point", "targets.Point.make", "targets.collect", "targets.VALUE", "", ".targets.Point", "targets..Point"]


class Records(logging.Handler):
    """Keeps what is logged."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append([record.name, record.levelname, record.getMessage()])


def one(find, name):
    records = Records()
    logger = logging.getLogger("hydra.utils")
    logger.addHandler(records)
    logger.propagate = False
    message = None
    try:
        find(name if name == "" or name.startswith(".") else f"hydra_cases.{name}")
    except Exception as error:
        message = str(error)
    finally:
        logger.removeHandler(records)
    strip = lambda text: text if text is None else text.replace("hydra_cases.", "")
    return {
        "find": find.__name__,
        "name": name,
        "message": strip(message),
        "log": [[logger_name, level, strip(text)] for logger_name, level, text in records.lines],
    }


def make():
    return [one(find, name) for find in (get_class, get_method, get_object) for name in NAMES]
