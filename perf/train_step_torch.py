"""The other side of train-step.mjs: the same training step in PyTorch, one for each line on standard input.

python train_step_torch.py SHAPE THREADS, with torch and transformers (and peft for lora). Prints the seconds of each step.
"""
import json
import sys
import time

import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

shape, threads = json.loads(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(0)
model = Qwen2ForCausalLM(Qwen2Config(
    vocab_size=shape["vocabularySize"], hidden_size=shape["hiddenSize"], num_hidden_layers=shape["layers"],
    intermediate_size=shape["intermediateSize"], num_attention_heads=shape["heads"],
    num_key_value_heads=shape["keyValueHeads"], tie_word_embeddings=True, use_cache=False, attn_implementation="sdpa",
    max_position_embeddings=shape["length"])).float().train()
if shape.get("lora"):
    from peft import LoraConfig, get_peft_model
    names = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    model = get_peft_model(model, LoraConfig(r=shape["lora"], lora_alpha=2 * shape["lora"], target_modules=names))
trained = [weight for weight in model.parameters() if weight.requires_grad]
# The fused kernel is the fastest AdamW that PyTorch has on the CPU.
optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0.1, fused=True)
ids = torch.randint(shape["vocabularySize"], (shape["rows"], shape["length"]))
print(json.dumps({"ready": f"torch {torch.__version__}", "trained": sum(w.numel() for w in trained)}), flush=True)
for _ in sys.stdin:
    began, cpu = time.perf_counter(), time.process_time()
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimizer.step()
    optimizer.zero_grad()
    print(json.dumps({"seconds": time.perf_counter() - began, "cpuSeconds": time.process_time() - cpu}), flush=True)
