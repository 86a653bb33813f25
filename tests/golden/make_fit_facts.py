"""Writes fit_facts.json: rows, schedulers, resumed sanity checks and hooks of real Lightning, for tests/train.

Made with lightning 2.6.6, torch 2.15.0, python 3.11. Run: python make_fit_facts.py > fit_facts.json
"""

import contextlib
import glob
import io
import json
import logging
import os
import sys
import tempfile
import warnings

import lightning
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from lightning.pytorch.loggers.logger import Logger

warnings.filterwarnings("ignore")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
QUIET = dict(
    accelerator="cpu",
    devices=1,
    enable_checkpointing=False,
    enable_progress_bar=False,
    enable_model_summary=False,
)


class Rows(Logger):
    """A logger that keeps what it is given, in order."""

    def __init__(self):
        super().__init__()
        self.rows = []

    name = property(lambda self: "rows")
    version = property(lambda self: "0")

    def log_metrics(self, metrics, step=None):
        self.rows.append([step, dict(sorted(metrics.items()))])

    def log_hyperparams(self, *args, **kwargs):
        pass


class Toy(LightningModule):
    """One weight; validation logs 10 * epoch + batch, plus 100 in the second loader."""

    def __init__(self, scheduler=None, end_at=None, stop_at=None, log=None, extra=None):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor([1.0]))
        self.given = scheduler
        self.end_at, self.stop_at, self.log_options, self.extra = end_at, stop_at, log or {}, extra

    def on_train_batch_start(self, batch, batch_idx):
        return -1 if batch_idx == self.end_at else None

    def training_step(self, batch, batch_idx):
        if batch_idx == self.stop_at:
            self.trainer.should_stop = True
        self.log("a", float(batch_idx), batch_size=1)
        return (self.weight * batch.sum()).sum() * 0.01

    def measure(self, batch_idx, dataloader_idx):
        value = 10.0 * self.current_epoch + batch_idx + 100.0 * dataloader_idx
        self.log("m", value, batch_size=1, **self.log_options)
        if self.extra is not None:
            self.log(self.extra, value + 7.0, batch_size=1, **self.log_options)

    def validation_step(self, batch, batch_idx, dataloader_idx=0):
        self.measure(batch_idx, dataloader_idx)

    def test_step(self, batch, batch_idx, dataloader_idx=0):
        self.measure(batch_idx, dataloader_idx)

    def configure_optimizers(self):
        optimizer = torch.optim.SGD([self.weight], lr=1.0)
        if self.given is None:
            return optimizer
        kind, interval, monitor = self.given
        schedulers = torch.optim.lr_scheduler
        scheduler = (
            schedulers.ReduceLROnPlateau(optimizer, patience=0, factor=0.5)
            if kind == "plateau"
            else schedulers.StepLR(optimizer, 1, gamma=0.5)
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": scheduler, "interval": interval, "monitor": monitor, "strict": False},
        }


def loader(n):
    return torch.utils.data.DataLoader([torch.tensor([float(i)]) for i in range(n)], batch_size=None)


def metrics(trainer):
    return {name: value.item() for name, value in sorted(trainer.callback_metrics.items())}


def case(options, module=None, train=4, val=(2,), then=()):
    """What a fit, and calls after it, give."""
    logger = Rows()
    model = Toy(**(module or {}))
    trainer = Trainer(**{**QUIET, "logger": logger, "num_sanity_val_steps": 0, **options})
    loaders = [loader(n) for n in val] or None
    trainer.fit(model, loader(train), loaders)
    result = {
        "rows": list(logger.rows),
        "metrics": metrics(trainer),
        "globalStep": trainer.global_step,
        "lr": trainer.optimizers[0].param_groups[0]["lr"],
        "weight": model.weight.item(),
    }
    for call in then:
        logger.rows.clear()
        getattr(trainer, call)(model, loaders, verbose=False)
        result.setdefault("then", []).append({"rows": list(logger.rows), "metrics": metrics(trainer)})
    return result


def outcome(**arguments):
    try:
        return case(**arguments)
    except Exception as error:  # noqa: BLE001
        return {"error": type(error).__name__}


BOTH = {"on_step": True, "on_epoch": True}
CASES = {
    "validation logs steps": dict(
        options={"max_epochs": 3, "val_check_interval": 0.5}, module={"log": BOTH}, then=["validate", "validate", "test"]
    ),
    "two loaders log steps": dict(
        options={"max_epochs": 2}, module={"log": BOTH}, val=(2, 3), then=["validate", "test"]
    ),
    "validation logs steps alone": dict(
        options={"max_epochs": 2}, module={"log": {"on_step": True, "on_epoch": False}}, then=["validate"]
    ),
    "validation logs a metric named step": dict(options={"max_epochs": 1}, module={"log": BOTH, "extra": "step"}),
    "two loaders share a name": dict(
        options={"max_epochs": 1}, module={"log": {**BOTH, "add_dataloader_idx": False}}, val=(2, 2)
    ),
    "validation logs after a sanity check": dict(
        options={"max_epochs": 1, "num_sanity_val_steps": 2}, module={"log": BOTH}
    ),
    "plateau by step, accumulating": dict(
        options={"max_epochs": 2, "accumulate_grad_batches": 3, "val_check_interval": 1},
        module={"scheduler": ["plateau", "step", "m"]},
        train=5,
    ),
    "plateau by step": dict(
        options={"max_epochs": 1, "val_check_interval": 1}, module={"scheduler": ["plateau", "step", "m"]}
    ),
    "plateau by epoch, cut by max_steps": dict(
        options={"max_epochs": 3, "max_steps": 10}, module={"scheduler": ["plateau", "epoch", "a"]}
    ),
    "plateau by epoch, stopped within an epoch": dict(
        options={"max_epochs": 3}, module={"scheduler": ["plateau", "epoch", "a"], "stop_at": 1}
    ),
    "plateau by epoch, whole epochs": dict(
        options={"max_epochs": 3}, module={"scheduler": ["plateau", "epoch", "a"]}
    ),
    "plateau by epoch, ended by a hook": dict(
        options={"max_epochs": 3}, module={"scheduler": ["plateau", "epoch", "a"], "end_at": 2}
    ),
    "scheduler by epoch, ended by a hook": dict(
        options={"max_epochs": 3}, module={"scheduler": ["step", "epoch", None], "end_at": 2}
    ),
    "scheduler by step, ended by a hook": dict(
        options={"max_epochs": 2}, module={"scheduler": ["step", "step", None], "end_at": 2}
    ),
    "log_every_n_steps 0, stopped": dict(options={"max_epochs": 2, "log_every_n_steps": 0}, module={"stop_at": 1}),
    "log_every_n_steps 50, stopped": dict(options={"max_epochs": 2}, module={"stop_at": 1}),
    "val_check_interval 5 of 3": dict(options={"max_epochs": 1, "val_check_interval": 5}, train=3),
    "val_check_interval 5 of 3, no validation": dict(
        options={"max_epochs": 1, "val_check_interval": 5}, train=3, val=()
    ),
    "val_check_interval 5 of 3, limit_val_batches 0": dict(
        options={"max_epochs": 1, "val_check_interval": 5, "limit_val_batches": 0}, train=3
    ),
    "val_check_interval 5 of 3, max_epochs 0": dict(options={"max_epochs": 0, "val_check_interval": 5}, train=3),
    "val_check_interval 5 of 3, across epochs": dict(
        options={"max_epochs": 2, "val_check_interval": 5, "check_val_every_n_epoch": None}, train=3
    ),
    "check_val_every_n_epoch null alone": dict(
        options={"max_epochs": 2, "check_val_every_n_epoch": None}, train=3
    ),
    "limit_val_batches too small, no validation reached": dict(
        options={"max_epochs": 0, "limit_val_batches": 0.2}
    ),
}


def resumed(first, second, checkpoint):
    """The loops whose validation batches a resumed fit runs, in order."""
    with tempfile.TemporaryDirectory() as folder:
        saved = ModelCheckpoint(dirpath=folder, filename="{step}", **checkpoint)
        options = {**QUIET, "logger": False, "enable_checkpointing": True}
        Trainer(callbacks=[saved], **{**options, **first}).fit(Toy(), loader(4), loader(2))
        events = []

        class Watch(Callback):
            def on_sanity_check_start(self, trainer, module):
                events.append(f"sanity {trainer.current_epoch}")

            def on_train_batch_start(self, trainer, module, batch, batch_idx):
                events.append(f"train {trainer.current_epoch}.{batch_idx}")

            def on_validation_start(self, trainer, module):
                events.append("validate")

            def on_train_start(self, trainer, module):
                events.append("start")

            def on_train_end(self, trainer, module):
                events.append("end")

        trainer = Trainer(callbacks=[Watch()], **{**QUIET, "logger": False, **second})
        trainer.fit(Toy(), loader(4), loader(2), ckpt_path=sorted(glob.glob(f"{folder}/*.ckpt"))[0])
        return events


ONE = {"max_epochs": 1}
RESUMED = {
    "saved at the epoch's end": [ONE, {"max_epochs": 2}, {"save_on_train_epoch_end": True}],
    "saved after validation": [ONE, {"max_epochs": 2}, {"save_on_train_epoch_end": False}],
    "saved within an epoch": [ONE, ONE, {"every_n_train_steps": 2, "save_top_k": -1}],
    "saved at the epoch's end, limited by steps": [
        ONE,
        {"max_steps": 6, "max_epochs": -1},
        {"save_on_train_epoch_end": True},
    ],
    "saved at the epoch's end, nothing left": [ONE, ONE, {"save_on_train_epoch_end": True}],
}


def watched(interval):
    """When EarlyStopping stops and ModelCheckpoint saves, at an interval of validation."""
    with tempfile.TemporaryDirectory() as folder:
        stopping = EarlyStopping(monitor="m", patience=1)
        saving = ModelCheckpoint(dirpath=folder, filename="{step}", save_top_k=-1)
        options = {**QUIET, "logger": False, "enable_checkpointing": True, "num_sanity_val_steps": 0}
        trainer = Trainer(**options, max_epochs=3, val_check_interval=interval, callbacks=[stopping, saving])
        trainer.fit(Toy(), loader(4), loader(2))
        return {"globalStep": trainer.global_step, "files": sorted(os.listdir(folder))}


def step_order(overridden):
    """Hooks of two batches that are accumulated, and where gradients are None."""
    events = []

    class Module(Toy):
        def training_step(self, batch, batch_idx):
            events.append("training_step")
            return super().training_step(batch, batch_idx)

        def validation_step(self, batch, batch_idx, dataloader_idx=0):
            events.append(f"validation_step, gradient {'none' if self.weight.grad is None else 'kept'}")

        def on_before_zero_grad(self, optimizer):
            events.append("on_before_zero_grad")

        def optimizer_zero_grad(self, epoch, batch_idx, optimizer):
            events.append("optimizer_zero_grad")
            super().optimizer_zero_grad(epoch, batch_idx, optimizer)

        def on_before_backward(self, loss):
            events.append("on_before_backward")

        def on_after_backward(self):
            events.append("on_after_backward")

        def on_before_optimizer_step(self, optimizer):
            events.append("on_before_optimizer_step")

        def configure_gradient_clipping(self, *args, **kwargs):
            events.append("configure_gradient_clipping")

        if overridden:

            def optimizer_step(self, epoch, batch_idx, optimizer, closure):
                events.append("optimizer_step")
                optimizer.step(closure)
                events.append("optimizer_step, stepped")

    options = {**QUIET, "logger": False, "max_epochs": 1, "num_sanity_val_steps": 0, "val_check_interval": 1}
    Trainer(**options, accumulate_grad_batches=2).fit(Module(), loader(2), loader(1))
    return events


with contextlib.redirect_stdout(io.StringIO()):
    golden = {
        "versions": {"lightning": lightning.__version__, "torch": torch.__version__.split("+")[0]},
        "cases": {name: {"given": given, **outcome(**given)} for name, given in CASES.items()},
        "resumed": {name: {"given": given, "events": resumed(*given)} for name, given in RESUMED.items()},
        "watched": {str(interval): watched(interval) for interval in [1.0, 1, 2, 0.5]},
        "stepOrder": step_order(False),
        "stepOrderOverridden": step_order(True),
    }
json.dump(golden, sys.stdout, indent=1)
