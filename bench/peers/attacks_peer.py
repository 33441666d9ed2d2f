"""The other side of `npm run bench -- attacks`: fra31/auto-attack (a checkout, by path) on the same weights and images.

    python attacks_peer.py AUTO_ATTACK MODEL.onnx IMAGES.npy LABELS.npy NORM EPS ITERATIONS QUERIES THREADS

Reads `ATTACK FROM TO` per line, attacks these images and answers which still stand, the seconds it took, and for
`autoattack` how many stood after each of its attacks, and when. Ends when nobody writes to it any more, even in the
middle of an attack.
"""

import json
import os
import queue
import sys
import threading
import time

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from torch import nn

questions = queue.SimpleQueue()


def listen():
    for line in sys.stdin:
        questions.put(line)
    os._exit(0)


threading.Thread(target=listen, daemon=True).start()
# The attacks print to stdout as they please; the answers have it for themselves.
answers, sys.stdout = sys.stdout, sys.stderr

checkout, model, images, labels, norm, eps, iterations, queries, threads = sys.argv[1:]
sys.path.insert(0, checkout)
from autoattack import AutoAttack  # noqa: E402
from autoattack.autopgd_base import APGDAttack, APGDAttack_targeted  # noqa: E402
from autoattack.fab_pt import FABAttack_PT  # noqa: E402
from autoattack.square import SquareAttack  # noqa: E402

torch.set_num_threads(int(threads))
EPS, ITERATIONS, QUERIES = float(eps), int(iterations), int(queries)


class MiniAlex(nn.Module):
    """src/zoo/mini.ts, of the width that the weights have."""

    def __init__(self, state):
        super().__init__()
        for i in range(1, 6):
            out, into, k, _ = state[f"conv{i}.weight"].shape
            setattr(self, f"conv{i}", nn.Conv2d(into, out, k, 2 if i == 1 else 1, k // 2, bias=False))
            setattr(self, f"bn{i}", nn.BatchNorm2d(out))
        for name in ("fc6", "fc7"):
            out, into, k, _ = state[f"{name}.weight"].shape
            setattr(self, name, nn.Conv2d(into, out, k))
        self.load_state_dict(state, strict=False)
        # Its best: batch normalisation folded into the convolution before it, as ONNX Runtime folds it.
        for i in range(1, 6):
            conv, bn = getattr(self, f"conv{i}").eval(), getattr(self, f"bn{i}").eval()
            setattr(self, f"conv{i}", torch.nn.utils.fusion.fuse_conv_bn_eval(conv, bn))
            delattr(self, f"bn{i}")

    def forward(self, x):
        x = (x - 0.5) / 0.25
        for i in range(1, 6):
            x = getattr(self, f"conv{i}")(x).relu_()
            if i in (1, 2, 5):
                x = F.max_pool2d(x, 3, 2, 1)
        return self.fc7(self.fc6(x).relu_()).flatten(1)


state = {
    tensor.name: torch.from_numpy(onnx.numpy_helper.to_array(tensor).copy())
    for tensor in onnx.load(model).graph.initializer
}
net = MiniAlex(state).eval().requires_grad_(False)
if os.environ.get("PEER_CHANNELS_LAST"):
    net = net.to(memory_format=torch.channels_last)
x_all, y_all = torch.from_numpy(np.load(images)), torch.from_numpy(np.load(labels)).long()
with torch.no_grad():
    clean = [bool(v) for v in net(x_all).argmax(1) == y_all]
classes = net(x_all[:1]).shape[1]
common = dict(norm=norm, eps=EPS, seed=0, device="cpu", verbose=False)
targets = min(9, classes - 1)
attacks = {
    "apgd-ce": lambda: APGDAttack(net, n_iter=ITERATIONS, loss="ce", **common),
    "apgd-dlr": lambda: APGDAttack(net, n_iter=ITERATIONS, loss="dlr", **common),
    "apgd-t": lambda: APGDAttack_targeted(net, n_iter=ITERATIONS, n_target_classes=targets, **common),
    "fab-t": lambda: FABAttack_PT(net, n_iter=ITERATIONS, n_target_classes=targets, targeted=True, **common),
    "square": lambda: SquareAttack(net, n_queries=QUERIES, p_init=0.8, resc_schedule=False, **common),
}


class Standard:
    """AutoAttack's own cascade, its stages noted."""

    def __init__(self):
        self.whole = AutoAttack(net, norm=norm, eps=EPS, version="standard", verbose=True, device="cpu", seed=0)
        for part in (self.whole.apgd, self.whole.apgd_targeted, self.whole.fab):
            part.n_iter = ITERATIONS
        self.whole.square.n_queries = QUERIES
        self.stages, self.began = [], time.perf_counter()
        self.whole.logger.log = self.note

    def note(self, text):
        # "robust accuracy after APGD-CE: 25.00% (total time 3.1 s)"
        if text.startswith("robust accuracy after"):
            name, share = text.removeprefix("robust accuracy after ").split(":")
            end = time.perf_counter() - self.began
            self.stages.append({"attack": name.lower(), "share": float(share.split("%")[0]) / 100, "end": end})

    def perturb(self, x, y):
        return self.whole.run_standard_evaluation(x, y, bs=len(x))


attacks["autoattack"] = Standard


def distance(a, b):
    gap = (a - b).flatten(1)
    return gap.norm(dim=1) if norm == "L2" else gap.abs().amax(1)


print(json.dumps({"torch": torch.__version__, "clean": clean}), file=answers, flush=True)
while True:
    name, start, end = questions.get().split()
    x, y = x_all[int(start):int(end)], y_all[int(start):int(end)]
    torch.manual_seed(0)
    attack = attacks[name]()
    began, busy = time.perf_counter(), time.process_time()
    adv = attack.perturb(x, y)
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    with torch.no_grad():
        broken = (net(adv).argmax(1) != y) & (distance(adv, x) <= EPS * (1 + 1e-5) + 1e-6)
    wrong = torch.tensor([not c for c in clean[int(start):int(end)]])
    stages = getattr(attack, "stages", [])
    for stage in stages:
        stage["standing"] = round(stage.pop("share") * len(x))
    standing = [bool(v) for v in ~(broken | wrong)]
    print(json.dumps({"seconds": seconds, "cpu": cpu, "standing": standing, "stages": stages}), file=answers, flush=True)
