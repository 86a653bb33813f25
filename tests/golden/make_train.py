"""Writes train.json: what real Lightning does, for tests/train and tests/loggers.

Made with lightning 2.6.6, torch 2.13.0, python 3.11. Run: python make_train.py > train.json
"""

import contextlib
import inspect
import io
import json
import logging
import math
import os
import sys
import tempfile
import warnings

import lightning
import torch
from lightning.pytorch import Callback, LightningDataModule, LightningModule, Trainer
from lightning.pytorch.callbacks import EarlyStopping, LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from lightning.pytorch.profilers import SimpleProfiler

warnings.filterwarnings("ignore")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
QUIET = dict(
    accelerator="cpu",
    devices=1,
    logger=False,
    enable_checkpointing=False,
    enable_progress_bar=False,
    enable_model_summary=False,
)
HOOKS = """setup teardown on_fit_start on_fit_end on_sanity_check_start on_sanity_check_end on_train_start on_train_end
on_train_epoch_start on_train_epoch_end on_train_batch_start on_train_batch_end on_before_zero_grad on_before_backward
on_after_backward on_before_optimizer_step on_validation_start on_validation_end on_validation_epoch_start
on_validation_epoch_end on_validation_batch_start on_validation_batch_end on_test_start on_test_end on_test_epoch_start
on_test_epoch_end on_test_batch_start on_test_batch_end""".split()
MODULE_ONLY = "training_step validation_step test_step configure_optimizers on_validation_model_eval on_validation_model_train on_test_model_eval on_test_model_train".split()
DATA = "prepare_data setup teardown train_dataloader val_dataloader test_dataloader".split()


def batches(n, rows=4):
    result = []
    for index in range(n):
        x = torch.tensor([[math.sin(index * rows + row), math.cos(3 * index + row)] for row in range(rows)])
        result.append({"x": x, "y": 2 * x[:, :1] - x[:, 1:] + 0.5})
    return ready(result)


def ready(made):
    """A loader that gives these batches as they are; a bare list would count as several loaders."""
    return torch.utils.data.DataLoader(made, batch_size=None)


class Toy(LightningModule):
    def __init__(self, lr=0.1, scheduler=None):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)
        with torch.no_grad():
            self.layer.weight.copy_(torch.tensor([[0.25, -0.5]]))
            self.layer.bias.copy_(torch.tensor([0.125]))
        self.lr = lr
        self.scheduler = scheduler

    def loss(self, batch):
        return (self.layer(batch["x"]) - batch["y"]).square().mean()

    def training_step(self, batch, batch_idx):
        loss = self.loss(batch)
        self.log("train/loss", loss, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch, batch_idx):
        self.log("val/loss", self.loss(batch))

    def test_step(self, batch, batch_idx):
        self.log("test/loss", self.loss(batch))

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=self.lr, momentum=0.9)
        return optimizer if self.scheduler is None else {
            "optimizer": optimizer,
            "lr_scheduler": self.scheduler(optimizer),
        }

    def weights(self):
        return self.layer.weight.flatten().tolist() + self.layer.bias.tolist()


def hook_trace(stage):
    trace = []

    class Traced(Callback):
        pass

    class Module(Toy):
        pass

    class Data(LightningDataModule):
        def train_dataloader(self):
            return batches(2)

        def val_dataloader(self):
            return batches(1)

        def test_dataloader(self):
            return batches(1)

    def wrap(cls, who, name, base):
        original = getattr(base, name)

        def hook(self, *args, **kwargs):
            trace.append(f"{who}.{name}")
            return original(self, *args, **kwargs)

        # Lightning looks at signatures; functools.wraps would make it think that nothing is overridden.
        hook.__signature__ = inspect.signature(original)
        hook.__name__ = name
        setattr(cls, name, hook)

    for name in HOOKS:
        wrap(Traced, "callback", name, Callback)
        if hasattr(LightningModule, name):
            wrap(Module, "module", name, LightningModule)
    for name in MODULE_ONLY:
        wrap(Module, "module", name, Toy if name in Toy.__dict__ else LightningModule)
    for name in DATA:
        wrap(Data, "data", name, Data if name in Data.__dict__ else LightningDataModule)
    trainer = Trainer(max_epochs=1, num_sanity_val_steps=1, callbacks=[Traced()], **QUIET)
    getattr(trainer, stage)(Module(), datamodule=Data())
    return trace


def trajectory(scheduler=None, **options):
    """Final weights, and when validation ran."""
    steps = []

    class Module(Toy):
        def on_validation_end(self):
            if not self.trainer.sanity_checking:
                steps.append(self.trainer.global_step)

    model = Module(scheduler=scheduler)
    val = options.pop("val", 2)
    n = options.pop("batches", 10)
    trainer = Trainer(**{**QUIET, "max_epochs": 1, **options})
    trainer.fit(model, batches(n), batches(val) if val else None)
    return {
        "weights": model.weights(),
        "validatedAt": steps,
        "globalStep": trainer.global_step,
        "currentEpoch": trainer.current_epoch,
        "lr": trainer.optimizers[0].param_groups[0]["lr"],
        "metrics": {k: v.item() for k, v in trainer.callback_metrics.items()},
    }


def outcome(run):
    try:
        return run()
    except Exception as error:  # noqa: BLE001
        return {"error": type(error).__name__}


def csv_log(folder):
    class Module(Toy):
        def training_step(self, batch, batch_idx):
            self.log("a", float(batch_idx), on_step=True, on_epoch=True, batch_size=1)
            return super().training_step(batch, batch_idx)

        def validation_step(self, batch, batch_idx):
            self.log("v", 2.0, batch_size=1)

        def test_step(self, batch, batch_idx):
            self.log("t", self.loss(batch), batch_size=4)

    def scheduler(optimizer):
        return torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)

    logger = CSVLogger(folder, name="csv/")
    options = {**QUIET, "logger": logger, "max_epochs": 2, "log_every_n_steps": 3}
    trainer = Trainer(callbacks=[LearningRateMonitor()], **options)
    model = Module(scheduler=scheduler)
    trainer.fit(model, batches(4), batches(1))
    after_fit = {k: v.item() for k, v in trainer.callback_metrics.items()}
    trainer.test(model, batches(2), verbose=False)
    with open(os.path.join(logger.log_dir, "metrics.csv"), newline="") as file:
        return {"text": file.read(), "afterFit": after_fit, "dir": os.path.relpath(logger.log_dir, folder)}


def weighted_mean():
    class Module(Toy):
        def validation_step(self, batch, batch_idx):
            self.log("mean", batch["x"].mean())
            self.log("min", batch["x"].mean(), reduce_fx="min")
            self.log("max", batch["x"].mean(), reduce_fx="max")
            self.log("sum", batch["x"].mean(), reduce_fx="sum")

    data = [{"x": torch.ones(3, 1)}, {"x": torch.full((1, 1), 5.0)}]
    trainer = Trainer(**QUIET)
    return trainer.validate(Module(), ready(data), verbose=False)[0]


def two_loaders():
    class Module(Toy):
        def test_step(self, batch, batch_idx, dataloader_idx):
            self.log("x", batch["x"].mean())

    def loader(*values):
        return ready([{"x": torch.full((2, 1), value)} for value in values])

    trainer = Trainer(**QUIET)
    return trainer.test(Module(), [loader(1.0, 2.0), loader(0.5)], verbose=False)


def profile_report():
    clock = iter([0.0, 1.0, 1.5, 2.0, 4.0, 4.0, 4.125, 100.0])
    import lightning.pytorch.profilers.simple as simple

    real = simple.time.perf_counter
    simple.time.perf_counter = lambda: next(clock)
    try:
        profiler = SimpleProfiler()
        for action in ["load", "[LightningModule]Toy.training_step", "load"]:
            profiler.start(action)
            profiler.stop(action)
        return profiler.summary()
    finally:
        simple.time.perf_counter = real


def loader_orders(with_val):
    orders = []
    lightning.seed_everything(7, verbose=False)

    class Module(LightningModule):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(1, 1)

        def training_step(self, batch, batch_idx):
            if batch_idx == 0:
                orders.append([])
            orders[-1].extend(int(v) for v in batch.flatten())
            return self.layer(batch).sum()

        def validation_step(self, batch, batch_idx):
            pass

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.0)

    data = torch.arange(10.0).reshape(10, 1)
    train = torch.utils.data.DataLoader(data, batch_size=4, shuffle=True)
    val = torch.utils.data.DataLoader(data, batch_size=4) if with_val else None
    trainer = Trainer(**QUIET, max_epochs=3)
    trainer.fit(Module(), train, val)
    return orders


step_lr = lambda optimizer: {"scheduler": torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5), "interval": "step"}
epoch_lr = lambda optimizer: torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
plateau = lambda optimizer: {
    "scheduler": torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, threshold=0.5),
    "monitor": "val/loss",
}
TRAJECTORIES = {
    "plain": {},
    "accumulate 4": {"accumulate_grad_batches": 4, "scheduler": step_lr},
    "clip norm": {"gradient_clip_val": 0.5},
    "clip value": {"gradient_clip_val": 0.1, "gradient_clip_algorithm": "value"},
    "max_steps 5": {"max_steps": 5, "max_epochs": -1, "batches": 3},
    "epoch scheduler": {"scheduler": epoch_lr, "max_epochs": 3},
    "plateau scheduler": {"scheduler": plateau, "max_epochs": 5},
    "limit_train_batches 2": {"limit_train_batches": 2},
    "limit_train_batches 1": {"limit_train_batches": 1},
    "limit_train_batches 0.35": {"limit_train_batches": 0.35},
    "limit_train_batches 0": {"limit_train_batches": 0},
    "limit_train_batches 0.05": {"limit_train_batches": 0.05},
    "limit_val_batches 1.5": {"limit_val_batches": 1.5},
    "val_check_interval 0.3": {"val_check_interval": 0.3},
    "val_check_interval 4": {"val_check_interval": 4},
    "val_check_interval 7 across epochs": {
        "val_check_interval": 7,
        "check_val_every_n_epoch": None,
        "max_epochs": 2,
    },
    "val_check_interval 20": {"val_check_interval": 20},
    "check_val_every_n_epoch 2": {"check_val_every_n_epoch": 2, "max_epochs": 5},
    "fast_dev_run": {"fast_dev_run": True},
    "fast_dev_run 3": {"fast_dev_run": 3},
    "overfit_batches 2": {"overfit_batches": 2, "max_epochs": 3},
    "max_epochs 0": {"max_epochs": 0},
    "fast_dev_run -1": {"fast_dev_run": -1},
    "max_epochs -2": {"max_epochs": -2},
    "gradient_clip_algorithm x": {"gradient_clip_val": 1.0, "gradient_clip_algorithm": "x"},
    "devices 0": {"devices": 0},
    "profiler x": {"profiler": "x"},
    "accelerator foo": {"accelerator": "foo"},
    "strategy foo": {"strategy": "foo"},
}

with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
    golden = {
        "versions": {"lightning": lightning.__version__, "torch": torch.__version__.split("+")[0]},
        "fitHooks": hook_trace("fit"),
        "testHooks": hook_trace("test"),
        "validateHooks": hook_trace("validate"),
        "trajectories": {
            name: outcome(lambda: trajectory(**options)) for name, options in TRAJECTORIES.items()
        },
        "csv": csv_log(folder),
        "weightedMean": weighted_mean(),
        "twoLoaders": two_loaders(),
        "profile": profile_report(),
        "orders": {"withVal": loader_orders(True), "withoutVal": loader_orders(False)},
    }
json.dump(golden, sys.stdout, indent=1)
