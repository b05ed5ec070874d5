"""The other side of lm-eval.mjs: lm-evaluation-harness's own Hugging Face backend, as its command line sets it up.

python lm_eval_hf.py CHECKPOINT BATCH; one JSON array a line on standard input, [[context, continuation], ...]. Prints for each line the
seconds by the clock and of the processor, and [log-likelihood, greedy] of each pair.
"""
import json
import sys
import time

import torch
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM

torch.set_num_threads(1)
model = HFLM(pretrained=sys.argv[1], device="cpu", dtype="float32", batch_size=int(sys.argv[2]))
print(json.dumps({"ready": f"torch {torch.__version__}"}), flush=True)
for line in sys.stdin:
    requests = [
        Instance(request_type="loglikelihood", doc={}, arguments=tuple(pair), idx=i)
        for i, pair in enumerate(json.loads(line))
    ]
    began, cpu = time.perf_counter(), time.process_time()
    scores = model.loglikelihood(requests, disable_tqdm=True)
    print(json.dumps({
        "seconds": time.perf_counter() - began, "cpuSeconds": time.process_time() - cpu,
        "scores": [[float(score), bool(greedy)] for score, greedy in scores]}), flush=True)
