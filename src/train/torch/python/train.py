"""Trains as a job folder says, with transformers' Trainer: python train.py JOB, as one process of a group (torchrun), or called by ray_train.py.

Only glue: rows in the order of the file, the schedule, the loss's denominator and the checkpoints are those of `apollo train` itself, so that its
loss can be held against this one's. The folder (written by ../job.ts): job.json what to train, arguments.json the TrainingArguments,
rows.parquet, and initial/ where the run does not start from the base's own weights. Left in it: events.jsonl, checkpoints/, result/.
`python train.py --probe` prints, as one JSON object, what this Python can train.
"""
import json
import math
import os
import shutil
import sys
import threading
import time
from importlib import metadata
from pathlib import Path

IGNORED = -100
# In a checkpoint that every process has finished writing; the Trainer's own folders appear bit by bit.
COMPLETE = "complete.json"


def probe():
    """Versions, devices and known architectures, for a check before anything starts."""
    found = {"python": sys.version.split()[0]}
    for name in ["torch", "transformers", "accelerate", "peft", "pyarrow", "safetensors", "bitsandbytes", "flash-attn", "ray"]:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    found["devices"], found["bf16"], found["architectures"] = 0, False, []
    if found["torch"] is not None:
        import torch

        found["devices"] = torch.cuda.device_count()
        found["bf16"] = found["devices"] > 0 and torch.cuda.is_bf16_supported()
    if found["transformers"] is not None:
        from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

        found["architectures"] = sorted(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)
    return found


def run(folder):
    """One process's part of the run; returns when the whole of it is done, or was stopped."""
    import torch
    from transformers import Trainer, TrainerCallback, TrainingArguments, set_seed

    folder = Path(folder)
    job = json.loads((folder / "job.json").read_text())
    arguments = TrainingArguments(output_dir=str(folder / "checkpoints"), **json.loads((folder / "arguments.json").read_text()))
    if arguments.world_size != job["processes"]:
        raise SystemExit(f"{arguments.world_size} processes were started, the job is for {job['processes']}")
    first = arguments.process_index == 0
    checkpoint = newest_checkpoint(folder / "checkpoints")
    events = open_events(folder / "events.jsonl") if first else (lambda **event: None)

    class Following(TrainerCallback):
        """Says what each step gave, ends checkpoints with a mark, and stops where the folder says so."""

        def on_train_begin(self, args, state, control, model=None, **_):
            low = [name for name, weight in model.named_parameters() if weight.requires_grad and weight.dtype != torch.float32]
            if low:
                raise SystemExit(f"{len(low)} trained weights are not float32, {low[0]} among them")
            events(event="start", step=state.global_step, processes=args.world_size, process=os.getpid())

        def on_step_begin(self, args, state, control, **_):
            self.began = time.perf_counter()

        def on_step_end(self, args, state, control, **_):
            if self.agreed((folder / "stop").exists()):
                control.should_save = control.should_training_stop = True

        def on_log(self, args, state, control, logs=None, **_):
            if "loss" not in logs:
                return
            seconds = time.perf_counter() - self.began
            names = {"learning_rate": "learning_rate", "grad_norm": "grad_norm", "loss": "loss"}
            values = {ours: float(logs[theirs]) for ours, theirs in names.items()}
            bad = [name for name in ["loss", "grad_norm"] if not math.isfinite(values[name])]
            if bad:
                events(event="diverged", step=state.global_step, what=bad[0], value=str(values[bad[0]]))
                raise SystemExit(f"the {bad[0]} became {values[bad[0]]} at step {state.global_step}")
            memory = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else None
            events(event="step", step=state.global_step, seconds=seconds, memory=memory, **values)

        def on_save(self, args, state, control, **_):
            self.agreed(False)
            if first:
                write_whole(folder / "checkpoints" / f"checkpoint-{state.global_step}" / COMPLETE, {"step": state.global_step})
                events(event="saved", step=state.global_step)

        def agreed(self, wish):
            """What the first process wishes; also a barrier."""
            if not torch.distributed.is_initialized():
                return wish
            value = torch.tensor([int(wish)], device=arguments.device)
            torch.distributed.broadcast(value, 0)
            return bool(value.item())

    class OursTrainer(Trainer):
        """The Trainer with the schedule and the decayed weights of the recipe."""

        def create_scheduler(self, num_training_steps, optimizer=None):
            schedule = job["schedule"]
            self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(
                self.optimizer if optimizer is None else optimizer, lambda step: rate(step, **schedule))
            return self.lr_scheduler

        def get_decay_parameter_names(self, model):
            if job["decay"] == "matrices":
                return super().get_decay_parameter_names(model)
            return [name for name, _ in model.named_parameters() if not name.endswith("bias")]

    set_seed(job["seed"])
    rows = PackedRows(folder / "rows.parquet", total=arguments.max_steps * job["batch"], wrap=job["wrap"])
    trainer = OursTrainer(
        model=load_model(folder, job),
        args=arguments,
        train_dataset=rows,
        data_collator=lambda batch: collate(batch, job["attention"], flat=job["attentionKernel"] != "sdpa"),
        callbacks=[Following()],
    )
    if bool(trainer.is_fsdp_enabled) != job["sharded"]:
        # accelerate leaves FSDP out without a word where it does not support the device.
        raise SystemExit(f"weights are {'not ' if job['sharded'] else ''}cut into parts, against what was asked")
    trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    if trainer.state.global_step < arguments.max_steps:
        events(event="stopped", step=trainer.state.global_step)
        return
    save_result(trainer, folder, job, first)
    events(event="finished", step=trainer.state.global_step)


def end_with(owner):
    """Ends this process once the process `owner`, which started the run, or torchrun, which started this process, is gone."""
    parent = os.getppid()

    def watch():
        while True:
            try:
                os.kill(owner, 0)
            except ProcessLookupError:
                os._exit(1)
            if os.getppid() != parent:
                os._exit(1)
            time.sleep(0.5)

    threading.Thread(target=watch, daemon=True).start()


def rate(step, rising, steps):
    """Share of the peak learning rate at a step, counted from 0 (../../schedule.ts)."""
    if step < rising:
        return (step + 1) / rising
    return (1 + math.cos(math.pi * (step - rising) / max(1, steps - rising))) / 2


class PackedRows:
    """Rows of a packed file by number, in the file's order: after the last comes the first again, or with `wrap` false rows without labels."""

    COLUMNS = ["input_ids", "labels", "position_ids", "segment_ids"]

    def __init__(self, path, total, wrap):
        import pyarrow.parquet as parquet

        self.path, self.total, self.wrap = str(path), total, wrap
        facts = parquet.ParquetFile(self.path).metadata
        self.ends = []
        for group in range(facts.num_row_groups):
            self.ends.append((self.ends[-1] if self.ends else 0) + facts.row_group(group).num_rows)
        self.file, self.group, self.columns = None, None, None

    def __len__(self):
        return self.total

    def __getitem__(self, index):
        import torch

        rows = self.ends[-1]
        if index >= rows and not self.wrap:
            length = len(self[0]["input_ids"])
            zeros = torch.zeros(length, dtype=torch.long)
            return {"input_ids": zeros, "labels": zeros + IGNORED, "position_ids": torch.arange(length), "segment_ids": zeros}
        return self.read(index % rows)

    def read(self, row):
        from bisect import bisect_right

        import pyarrow.parquet as parquet
        import torch

        group = bisect_right(self.ends, row)
        if group != self.group:
            # Opened here and not before: a worker process must not share its parent's file.
            self.file = self.file or parquet.ParquetFile(self.path)
            table = self.file.read_row_group(group, columns=self.COLUMNS)
            self.columns = {name: table.column(name).combine_chunks() for name in self.COLUMNS}
            self.group = group
        at = row - (self.ends[group - 1] if group > 0 else 0)
        values = {name: column[at].values.to_numpy(zero_copy_only=False) for name, column in self.columns.items()}
        return {name: torch.tensor(value, dtype=torch.long) for name, value in values.items()}


def collate(batch, attention, flat):
    """A micro-batch. Position ids that begin anew tell the model's masks where a document ends; with `flat` (kernels that take sequences of
    differing lengths) all rows lie in one, and the borders of documents, or of rows where documents see each other, are spelt out."""
    import torch

    stacked = {name: torch.stack([row[name] for row in batch]) for name in batch[0]}
    segments = stacked.pop("segment_ids")
    # What would be predicted by another row's last token.
    stacked["labels"][:, 0] = IGNORED
    size, length = segments.shape
    crossing = attention == "crossing"
    if crossing:
        # One text to the model, as if the row were a single document.
        stacked["position_ids"] = torch.arange(length).expand(size, length)
    if not flat:
        return stacked
    begins = torch.ones(size, length, dtype=torch.bool)
    begins[:, 1:] = torch.zeros(size, length - 1, dtype=torch.bool) if crossing else segments[:, 1:] != segments[:, :-1]
    starts = torch.nonzero(begins.flatten()).flatten()
    borders = torch.cat([starts, torch.tensor([size * length])]).to(torch.int32)
    longest = int((borders[1:] - borders[:-1]).max())
    return {
        **{name: value.reshape(1, -1) for name, value in stacked.items()},
        "cu_seq_lens_q": borders, "cu_seq_lens_k": borders, "max_length_q": longest, "max_length_k": longest,
    }


def load_model(folder, job):
    """The base with what is trained beside it, or the model from scratch."""
    import torch
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    options = {"dtype": job["loadDtype"], "attn_implementation": job["attentionKernel"]}
    if job["revision"] is not None:
        options["revision"] = job["revision"]
    if job["quantize"] is not None:
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type=job["quantize"], bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=torch.bfloat16)
        options["device_map"] = {"": int(os.environ.get("LOCAL_RANK", "0"))}
    base = str(folder / "initial") if job["base"] is None else job["base"]
    model = AutoModelForCausalLM.from_pretrained(base, **options)
    # Keys and values are of no use to a whole row, and a cache would keep its documents from being told apart.
    model.config.use_cache = False
    if not job["adapter"]:
        return model
    from peft import PeftModel, prepare_model_for_kbit_training

    if job["quantize"] is not None:
        # Recomputing is the Trainer's to switch on.
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    return PeftModel.from_pretrained(model, str(folder / "initial"), is_trainable=True)


def save_result(trainer, folder, job, first):
    """Writes result/ in Hugging Face or PEFT layout, whole or not at all."""
    import torch

    part = folder / "result.part"
    if first:
        shutil.rmtree(part, ignore_errors=True)
    if torch.distributed.is_initialized():
        torch.distributed.barrier()
    if trainer.is_fsdp_enabled:
        trainer.accelerator.state.fsdp_plugin.set_state_dict_type("FULL_STATE_DICT")
    model = trainer.accelerator.unwrap_model(trainer.model)
    if not job["adapter"]:
        model.config.use_cache = True
    # Gathering a sharded model takes all processes; one writes.
    state = trainer.accelerator.get_state_dict(trainer.model) if trainer.is_fsdp_enabled or first else {}
    kind, whole = getattr(torch, job["saveDtype"]), {}
    for name, weight in state.items():
        # What is said to be whole need not be (torch 2.15 on CPUs): every process takes part in making it so.
        weight = weight.full_tensor() if hasattr(weight, "full_tensor") else weight
        if first:
            whole[name] = weight.detach().cpu().to(kind) if weight.is_floating_point() else weight.cpu()
    if first:
        if getattr(model.config, "tie_word_embeddings", False):
            # Copies of one tensor are no longer seen to be one.
            whole.pop("lm_head.weight", None)
        model.save_pretrained(str(part), state_dict=whole, max_shard_size="5GB")
        if not job["adapter"]:
            config = json.loads((part / "config.json").read_text())
            config["dtype"] = job["saveDtype"]
            write_whole(part / "config.json", config)
        shutil.rmtree(folder / "result", ignore_errors=True)
        part.rename(folder / "result")
    if torch.distributed.is_initialized():
        torch.distributed.barrier()


def newest_checkpoint(folder):
    """The newest checkpoint that is whole; None where there is none."""
    found = [path for path in folder.glob("checkpoint-*") if (path / COMPLETE).exists()]
    return max(found, key=lambda path: int(path.name.split("-")[1]), default=None)


def open_events(path):
    """Appends events as lines; a line that a killed process left torn is ended first."""
    torn = path.exists() and path.stat().st_size > 0 and path.read_bytes()[-1:] != b"\n"
    lines = open(path, "a", buffering=1)
    if torn:
        lines.write("\n")
    return lambda **event: lines.write(json.dumps(event) + "\n")


def write_whole(path, value):
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(value, indent=2) + "\n")
    part.rename(path)


if __name__ == "__main__":
    if sys.argv[1:] == ["--probe"]:
        print(json.dumps(probe()))
    elif len(sys.argv) == 2:
        if "APOLLO_OWNER" in os.environ:
            end_with(int(os.environ["APOLLO_OWNER"]))
        run(sys.argv[1])
    else:
        raise SystemExit(__doc__)
