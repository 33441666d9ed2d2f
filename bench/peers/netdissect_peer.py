"""NetDissect-Lite's own pipeline (a checkout, by path) on a folder in Broden's layout: ResNet-50 with random weights,
five layers, thresholds and tally. Prints one JSON line: images, seconds, processor seconds, peak RSS in MB.

    python netdissect_peer.py CHECKOUT FOLDER THREADS
"""

import contextlib
import io
import json
import os
import resource
import sys
import tempfile
import time
import types

import numpy as np
import torch
import torchvision
from PIL import Image

checkout, folder, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(threads)
LAYERS = ["relu", "layer1", "layer2", "layer3", "layer4"]

# What the code of 2018 needs today: names that NumPy and SciPy have dropped.
sys.path.insert(0, checkout)
np.NaN, np.float, np.int = np.nan, float, int
misc = types.ModuleType("scipy.misc")
misc.imread = lambda f: np.array(Image.open(f)).astype(int)
misc.imresize = lambda a, size, mode: np.array(Image.fromarray(a.astype(np.float32)).resize(size[::-1], Image.BILINEAR))
sys.modules["scipy.misc"] = misc
for name in ("scipy.ndimage.interpolation", "scipy.ndimage.filters"):
    sys.modules[name] = __import__("scipy.ndimage", fromlist=["x"])
settings = types.ModuleType("settings")
settings.__dict__.update(
    GPU=False, DATA_DIRECTORY=folder, CATAGORIES=["color", "object", "part", "scene", "texture"], IMG_SIZE=224,
    QUANTILE=0.005, BATCH_SIZE=8, TALLY_BATCH_SIZE=8, TALLY_AHEAD=1, PARALLEL=1, INDEX_FILE="index.csv",
    SEG_THRESHOLD=0.04, OUTPUT_FOLDER=tempfile.mkdtemp(), FEATURE_NAMES=LAYERS,
)
sys.modules["settings"] = settings
import feature_operation as fo

for method in ("batches", "tensor_batches"):
    def until_exhausted(self, *args, original=getattr(fo.SegmentationPrefetcher, method), **kwargs):
        try:
            yield from original(self, *args, **kwargs)
        except RuntimeError:  # they end by StopIteration, which Python has turned into an error since 3.7
            return

    setattr(fo.SegmentationPrefetcher, method, until_exhausted)
fo.SegmentationData.onehot = lambda self, arr, minlength=None: np.eye(arr.max() + 1)[arr]
fo.V = lambda values, volatile: values

model = torchvision.models.resnet50(weights=None).eval()
for name in LAYERS:
    model._modules[name].register_forward_hook(fo.hook_feature)


def cpu():
    return sum(sum((u.ru_utime, u.ru_stime)) for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


start, spent = time.perf_counter(), cpu()
with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
    operator = fo.FeatureOperator()
    features, _ = operator.feature_extraction(model=model, memmap=False)
    forward = time.perf_counter() - start
    for k, name in enumerate(LAYERS):
        threshold = operator.quantile_threshold(features[k])
        operator.tally(features[k], threshold)
peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
print(json.dumps({
    "images": operator.data.size(), "seconds": time.perf_counter() - start, "forward": forward,
    "cpu": cpu() - spent, "peak": peak, "torch": torch.__version__,
}))
