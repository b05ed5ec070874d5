"""Starts train.py on a Ray cluster with Ray Train, as a Ray job: python ray_train.py JOB, or python ray_train.py --probe JOB PROCESSES DEVICE.

Ray Train places one worker on each GPU, joins them into one process group and starts all again where one is lost; train.py goes on from the
newest whole checkpoint. The job folder must be seen by every node under the same path.
"""
import json
import sys
from pathlib import Path

import ray


def tell(**fields):
    print("APOLLO " + json.dumps(fields), flush=True)


def work(config):
    import train

    train.run(config["folder"])


def run(folder):
    from ray.train import FailureConfig, RunConfig, ScalingConfig
    from ray.train.torch import TorchConfig, TorchTrainer

    job = json.loads((Path(folder) / "job.json").read_text())
    gpu = job["device"] == "cuda"
    ray.init(address="auto")
    TorchTrainer(
        work,
        train_loop_config={"folder": folder},
        torch_config=TorchConfig(backend="nccl" if gpu else "gloo"),
        scaling_config=ScalingConfig(num_workers=job["processes"], use_gpu=gpu),
        run_config=RunConfig(name="train", storage_path=str(Path(folder) / "ray"), failure_config=FailureConfig(max_failures=3)),
    ).fit()


def probe(folder, processes, device):
    """What the workers' Python has, whether they see the folder, and whether the cluster is large enough."""
    ray.init(address="auto", log_to_driver=False)
    kind = "GPU" if device == "cuda" else "CPU"
    nodes = [node for node in ray.nodes() if node["Alive"]]
    devices = sum(int(node["Resources"].get(kind, 0)) for node in nodes)

    @ray.remote(num_cpus=0, max_retries=2)
    def look():
        import train

        return {**train.probe(), "sees": Path(folder).is_dir()}

    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    able = [node for node in nodes if node["Resources"].get(kind, 0) > 0]
    found = ray.get([look.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)).remote() for node in able], timeout=120)
    for node, answer in zip(able, found):
        tell(kind="node", address=node["NodeManagerAddress"], **answer)
    tell(kind="cluster", ray=ray.__version__, devices=devices, wanted=int(processes))


if __name__ == "__main__":
    if sys.argv[1] == "--probe":
        probe(*sys.argv[2:])
    else:
        run(sys.argv[1])
