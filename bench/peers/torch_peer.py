"""The PyTorch side of `npm run bench`: reads the name of a case per line, runs it once, answers the seconds.

Every case exists in the default memory format and in channels_last (`<case> channels_last`); the caller takes
the better one. Networks are in evaluation mode; weights require no gradient except in training.
"""

import contextlib
import json
import os
import sys
import time
import warnings

import torch
import torch.nn.functional as F
import torchvision
from torch import nn

THREADS = int(sys.argv[1])
BATCH = int(sys.argv[2])
torch.set_num_threads(THREADS)
torch.manual_seed(0)


class MiniAlex(nn.Sequential):
    """emoji16's small AlexNet for 64x64 images (src/zoo/mini.ts)."""

    def __init__(self):
        def block(i, o, k, s=1, pool=True):
            layers = [nn.Conv2d(i, o, k, s, k // 2, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True)]
            return layers + ([nn.MaxPool2d(3, 2, 1)] if pool else [])

        super().__init__(
            *block(3, 32, 7, 2), *block(32, 64, 3), *block(64, 96, 3, pool=False),
            *block(96, 96, 3, pool=False), *block(96, 96, 3),
            nn.Conv2d(96, 128, 4), nn.ReLU(inplace=True), nn.Conv2d(128, 16, 1), nn.Flatten(),
        )


def network(arch):
    if arch == "googlenet":
        return torchvision.models.googlenet(weights=None, aux_logits=False, init_weights=False)
    return getattr(torchvision.models, arch)(weights=None)


def calibrated(arch):
    """A network with seeded random weights whose batch normalisation keeps its activations in range, and its size."""
    torch.manual_seed(0)
    lean = {"init_weights": True, "aux_logits": False} if arch in ("googlenet", "inception_v3") else {}
    model = getattr(torchvision.models, arch)(weights=None, **lean)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None  # average over what follows
    size = 299 if arch == "inception_v3" else 224
    with torch.no_grad():
        model.train()(torch.rand(4, 3, size, size))
    return model.eval().requires_grad_(False), size


def export(arch, path):
    model, size = calibrated(arch)
    batch = ({0: torch.export.Dim("batch", min=1, max=64)},)
    options = {"dynamo": True, "dynamic_shapes": batch, "external_data": False, "verbose": False}
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, (torch.rand(2, 3, size, size),), f"{path}.part", **options)
    os.replace(f"{path}.part", path)
    return lambda: None


def l2(x):
    return x.flatten(1).norm(dim=1).clamp_min(1e-12).view(-1, 1, 1, 1)


def attack_step(model, x, start, labels, eps, step):
    x = x.detach().requires_grad_(True)
    loss = F.cross_entropy(model(x), labels, reduction="sum")
    (g,) = torch.autograd.grad(loss, x)
    with torch.no_grad():
        delta = x + step * g / l2(g) - start
        return (start + delta * (eps / l2(delta)).clamp_max(1)).clamp(0, 1)


def inpainting_step(model, x, start, kept, labels, eps, step):
    x = x.detach().requires_grad_(True)
    loss = F.cross_entropy(model(x), labels, reduction="sum")
    loss = loss + 10 * ((x - start) ** 2 * kept).mean(dim=(1, 2, 3)).sum()
    (g,) = torch.autograd.grad(loss, x)
    with torch.no_grad():
        delta = x - step * g / l2(g) - start
        return (start + delta * (eps / l2(delta)).clamp_max(1)).clamp(0, 1)


def make(case):
    kind, arch, *layout = case.split()
    if kind == "export":
        return export(arch, layout[0])
    memory = torch.channels_last if layout else torch.contiguous_format
    if kind == "training":
        return training(arch, memory)
    model, size = calibrated(arch) if kind == "nets" else (network(arch).eval().requires_grad_(False), 224)
    model = model.to(memory_format=memory)
    x = torch.rand(BATCH, 3, size, size).contiguous(memory_format=memory)
    labels = torch.arange(BATCH) % 1000
    if kind == "forward":
        def run():
            with torch.no_grad():
                model(x)
    elif kind in ("gradient", "nets"):
        def run():
            image = x.detach().requires_grad_(True)
            torch.autograd.grad(F.cross_entropy(model(image), labels, reduction="sum"), image)
    elif kind == "synth":
        kept = torch.ones(BATCH, 1, 224, 224)
        kept[..., 71:150] = 0

        def run():
            image = x
            for _ in range(7):  # silhouette's seventh run gives the last picture and its goal: it computes a step too
                image = inpainting_step(model, image, x, kept, labels, 21.6, 0.1)
    else:
        def run():
            image = x
            for _ in range(7):
                image = attack_step(model, image, x, labels, 3.0, 1.0)
    return run


def training(arch, memory):
    model = MiniAlex() if arch == "mini-alex" else getattr(torchvision.models, arch)(num_classes=16)
    model = model.to(memory_format=memory)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, nesterov=True, weight_decay=5e-4)
    x = torch.rand(64, 3, 64, 64).contiguous(memory_format=memory)
    labels = torch.arange(64) % 16

    def run():
        model.eval().requires_grad_(False)
        image = x
        for _ in range(7):
            image = attack_step(model, image, x, labels, 1.5, 0.5)
        model.train().requires_grad_(True)
        optimiser.zero_grad()
        F.cross_entropy(model(image), labels).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimiser.step()

    return run


print(json.dumps({
    "torch": torch.__version__,
    "torchvision": torchvision.__version__,
    "threads": torch.get_num_threads(),
    "blas": [line.strip(" -") for line in torch.__config__.show().splitlines()
             if "MKL" in line and "Version" in line or "OpenBLAS" in line],
    "cpu": torch.backends.cpu.get_cpu_capability(),
}), flush=True)
current, run = None, None
for line in sys.stdin:
    case = line.strip()
    if case != current:
        current, run = case, make(case)
        run()
    wall, busy = time.perf_counter(), time.process_time()
    run()
    print(json.dumps({"ms": 1e3 * (time.perf_counter() - wall), "cpu": 1e3 * (time.process_time() - busy)}), flush=True)
