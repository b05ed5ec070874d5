"""What runs on a Ray cluster for Apollo: the job that starts one Ray task for each open task of a stage, and the probe of every node.

Takes `spec.json` beside it: {mode, folder, commands, cpus, ...}. Gives lines `APOLLO {json}` on standard output. Knows nothing of stages:
a task is `COMMAND task FOLDER --index I --attached --json`, started as a process on whichever node Ray finds free. Needs ray, nothing else.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

# How often finished tasks and progress are told, and the least rise of progress worth a line: the log stays as short as the number of
# tasks, however long they run.
TELL_SECONDS = 1.0
TELL_SHARE = 0.002
# Ray tasks handed over at once beside those that run: enough to keep every core busy.
QUEUE = 200
PROBE_SECONDS = 90
KEPT_CHARACTERS = 2000


def tell(kind, **fields):
    print("APOLLO " + json.dumps({"kind": kind, **fields}), flush=True)


def find_command(commands):
    """The first of `commands` (lists of words) whose files are there on this node; None when none is."""
    for words in commands:
        program = shutil.which(words[0])
        if program and all(os.path.exists(word) for word in words[1:] if os.path.isabs(word)):
            return [program, *words[1:]]
    return None


def missing_command(commands):
    """Which word of which command was looked for in vain."""
    found = []
    for words in commands:
        gone = words[0] if not shutil.which(words[0]) else next((w for w in words[1:] if os.path.isabs(w) and not os.path.exists(w)), "")
        found.append(gone)
    return ", ".join(found)


def run_task(spec, index, board):
    """Runs one task as a process of this node and gives how it ended: {code, last, said, node, seconds}."""
    began = time.time()
    node = socket.gethostname()
    command = find_command(spec["commands"])
    if command is None:
        error = {
            "code": "worker-without-apollo",
            "message": f"node {node} has no {missing_command(spec['commands'])}",
            "remedy": "Install Node and Apollo there, or name the command with --worker-command.",
        }
        return {"code": 2, "error": error, "node": node, "seconds": 0}
    environment = {**os.environ, "NO_COLOR": "1"}
    child = subprocess.Popen(
        [*command, "task", spec["folder"], "--index", str(index), "--attached", "--json"],
        # It ends when this worker does, however that is: its standard input is closed then.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
        errors="replace",
    )
    said = []

    def listen():
        for line in child.stderr:
            said.append(line)
            del said[:-20]

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    error = None
    told = 0.0
    try:
        for line in child.stdout:
            if not line.startswith("{"):
                continue
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value.get("error"), dict):
                error = value["error"]
            elif isinstance(value.get("done"), (int, float)) and time.time() - told > TELL_SECONDS:
                told = time.time()
                board.report.remote(index, value["done"], value.get("note"))
        code = child.wait()
    finally:
        if child.poll() is None:
            child.kill()
    listener.join(1)
    return {
        "code": code,
        "error": error,
        "said": "".join(said)[-KEPT_CHARACTERS:],
        "node": node,
        "seconds": round(time.time() - began, 3),
    }


class Board:
    """Where running tasks write how far they are."""

    def __init__(self):
        self.parts = {}
        self.note = None

    def report(self, index, done, note):
        self.parts[index] = done
        if note:
            self.note = f"task {index}: {note}"

    def read(self, finished):
        for index in finished:
            self.parts.pop(index, None)
        note, self.note = self.note, None
        return sum(self.parts.values()), note


def run(spec):
    """Runs every index of the spec; exit code 0 when all are done, 2 when one failed by its own fault."""
    remote = ray.remote(run_task).options(num_cpus=spec["cpus"], max_retries=0, name=spec["stage"])
    if spec.get("memory"):
        remote = remote.options(memory=spec["memory"])
    board = ray.remote(Board).options(num_cpus=0, max_restarts=-1, max_task_retries=-1).remote()
    waiting = list(reversed(spec["indexes"]))
    at_once = spec.get("atOnce") or None
    attempts = {}
    running = {}
    finished = []
    told_share = 0.0
    told = time.time()
    starved = False
    while waiting or running:
        cores = int(ray.cluster_resources().get("CPU", 0) / spec["cpus"])
        room = min(at_once, cores + QUEUE) if at_once else cores + QUEUE
        while waiting and len(running) < room:
            index = waiting.pop()
            running[remote.remote(spec, index, board)] = index
        if (cores == 0) != starved:
            starved = cores == 0
            tell("starved" if starved else "fed")
        ready, _ = ray.wait(list(running), num_returns=min(len(running), 100), timeout=TELL_SECONDS / 4)
        for reference in ready:
            index = running.pop(reference)
            try:
                end = ray.get(reference)
            except ray.exceptions.RayError as error:
                # The node, the worker or the room in memory went: the task has not failed, it is lost.
                end = {"code": None, "said": f"{type(error).__name__}: {first_line(error)}", "node": None}
            if end["code"] == 0:
                finished.append([index, end["seconds"], end["node"]])
                continue
            error = end.get("error")
            by_itself = end["code"] is not None and end["code"] >= 0 and error and error.get("code") != "internal"
            attempts[index] = attempts.get(index, 0) + 1
            if by_itself or attempts[index] >= spec["attempts"]:
                tell("done", tasks=finished)
                tell("failed", task=index, attempts=attempts[index], **end)
                return 2
            tell("lost", task=index, attempts=attempts[index], node=end["node"], why=why(end))
            waiting.append(index)
        if time.time() - told >= TELL_SECONDS or not (waiting or running):
            told = time.time()
            try:
                partly, note = ray.get(board.read.remote([task[0] for task in finished]), timeout=5)
            except ray.exceptions.RayError:
                partly, note = 0.0, None
            share = partly / len(spec["indexes"])
            if finished or share - told_share >= TELL_SHARE:
                told_share = share
                tell("done", tasks=finished, partly=round(partly, 3), **({"note": note} if note else {}))
                finished = []
    return 0


def why(end):
    if end["code"] is None:
        return end["said"]
    if end["code"] < 0:
        return f"ended by signal {-end['code']}"
    return f"ended with exit code {end['code']}: {first_line((end.get('error') or {}).get('message') or end['said'])}"


def first_line(text):
    return next((line.strip() for line in str(text).splitlines() if line.strip()), "")[:300]


def probe_node(spec, name):
    """What this node has: {node, nodeVersion, apollo, command, sees, writes, problem}."""
    found = {"host": socket.gethostname(), "python": sys.version.split()[0]}
    command = find_command(spec["commands"])
    if command is None:
        return {**found, "missing": missing_command(spec["commands"])}
    found["command"] = " ".join(command)
    if len(command) > 1:
        found["nodeVersion"] = first_line(output([command[0], "--version"]))
    found["apollo"] = first_line(output([*command, "--version"]))
    if spec["folder"].startswith("s3://"):
        return {**found, "bucket": try_bucket(command, spec["folder"])}
    try:
        with open(os.path.join(spec["folder"], spec["nonce"]), encoding="utf8") as file:
            found["sees"] = file.read() == spec["nonce"]
    except OSError as error:
        return {**found, "sees": False, "storage": f"{error.strerror}"}
    try:
        path = os.path.join(spec["folder"], f"{spec['nonce']}-{name}")
        with open(path, "w", encoding="utf8") as file:
            file.write(spec["nonce"])
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        found["storage"] = f"{error.strerror}"
    return found


def try_bucket(command, url):
    """What Apollo says on this node about the bucket that tasks will use: {ok, detail, objects}."""
    try:
        words = [*command, "doctor", "--folder", url, "--json"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=PROBE_SECONDS / 2, errors="replace")
        said = json.loads(done.stdout.strip().splitlines()[-1])
        return said["checks"][0] if "checks" in said else {"ok": False, "detail": said["error"]["message"]}
    except (OSError, subprocess.TimeoutExpired, ValueError, LookupError) as error:
        return {"ok": False, "detail": f"{type(error).__name__}: {error}"}


def output(words):
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=PROBE_SECONDS / 3, errors="replace")
        return done.stdout if done.returncode == 0 else f"failed: {first_line(done.stderr or done.stdout)}"
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"failed: {error}"


def probe(spec):
    """Asks every node that could run a task; one line for each."""
    nodes = [node for node in ray.nodes() if node["Alive"]]
    remote = ray.remote(probe_node)
    asked = {}
    for node in nodes:
        cpus = node["Resources"].get("CPU", 0)
        fields = {"id": node["NodeID"], "address": node["NodeManagerAddress"], "cpus": cpus}
        if cpus <= 0:
            # A head that runs no tasks needs nothing.
            continue
        pinned = remote.options(num_cpus=0, max_retries=0, scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False))
        asked[pinned.remote(spec, node["NodeID"])] = fields
    ready, late = ray.wait(list(asked), num_returns=len(asked), timeout=PROBE_SECONDS) if asked else ([], [])
    for reference in ready:
        try:
            tell("node", **asked[reference], **ray.get(reference))
        except ray.exceptions.RayError as error:
            tell("node", **asked[reference], dead=first_line(error))
    for reference in late:
        tell("node", **asked[reference], dead=f"did not answer within {PROBE_SECONDS} s")
    tell("cluster", nodes=len(asked), ray=ray.__version__, python=sys.version.split()[0])
    return 0


def main():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "spec.json"), encoding="utf8") as file:
        spec = json.load(file)
    ray.init(log_to_driver=False, logging_level="ERROR")
    return {"run": run, "probe": probe}[spec["mode"]](spec)


if __name__ == "__main__":
    sys.exit(main())
