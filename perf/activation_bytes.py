"""Bytes that a decoder layer of transformers keeps of a token for its gradient, counted by PyTorch's saved-tensor hooks: bf16, SDPA, eager, on the CPU.

What `apollo plan` reckons with (src/train/cluster-memory.ts): the difference between four layers and two, per layer and token; weights are not counted,
a tensor that is saved twice counts once. Run: python perf/activation_bytes.py (torch and transformers; seconds).
"""
import torch
import transformers
from transformers import GemmaConfig, GemmaForCausalLM, LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

SHAPES = [
    ("llama", LlamaConfig, LlamaForCausalLM, dict(hidden_size=512, intermediate_size=1376, num_attention_heads=8, num_key_value_heads=8)),
    ("llama, 2 kv heads", LlamaConfig, LlamaForCausalLM, dict(hidden_size=512, intermediate_size=1376, num_attention_heads=8, num_key_value_heads=2)),
    ("llama, wide", LlamaConfig, LlamaForCausalLM, dict(hidden_size=512, intermediate_size=4096, num_attention_heads=8, num_key_value_heads=8)),
    ("qwen2", Qwen2Config, Qwen2ForCausalLM, dict(hidden_size=512, intermediate_size=1376, num_attention_heads=8, num_key_value_heads=8)),
    ("gemma", GemmaConfig, GemmaForCausalLM, dict(hidden_size=384, intermediate_size=3072, num_attention_heads=2, num_key_value_heads=2, head_dim=256)),
]


def kept(config, model_class, layers, tokens):
    """Bytes of all tensors that one forward pass saves, weights left out."""
    model = model_class(config(layers)).to(torch.bfloat16).train()
    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    seen = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            # The tensor is held, so that its address is not given to another one.
            seen[storage.data_ptr()] = (storage.nbytes(), tensor)
        return tensor

    ids = torch.randint(0, 1000, (1, tokens))
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        held = model.model(input_ids=ids, use_cache=False).last_hidden_state
    assert held.requires_grad
    return sum(size for size, _ in seen.values())


print(f"torch {torch.__version__}, transformers {transformers.__version__}")
for name, config_class, model_class, shape in SHAPES:
    for tokens in (256, 512):
        make = lambda layers: config_class(num_hidden_layers=layers, vocab_size=1000, attn_implementation="sdpa", **shape)  # noqa: E731
        two, four = (kept(make, model_class, layers, tokens) for layers in (2, 4))
        print(f"{name}, {tokens} tokens: {(four - two) / 2 / tokens:.1f} bytes a token and layer")
