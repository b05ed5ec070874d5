// What GPUs can do on paper: memory, arithmetic, and how fast they talk to each other. Figures of the makers' data sheets, for what they call dense bf16.

/** A kind of GPU. */
export interface Gpu {
  /** `H100-80G`. */
  readonly name: string;
  /** Bytes that programs see (`nvidia-smi`, `rocm-smi`), which is a little less than what is printed on the box. */
  readonly memory: number;
  /** bf16 products a second, dense, accumulated in float32: FLOP/s. */
  readonly flops: number;
  /** Memory bandwidth, bytes a second. */
  readonly bandwidth: number;
  /** Bytes a second and direction to the others of its node: NVLink, Infinity Fabric or PCIe. */
  readonly link: number;
  readonly linkName: string;
  /** Bits a second of network that its nodes usually have for each GPU (an assumption, `--network` replaces it). */
  readonly network: number;
  /** Share of `flops` that training of dense decoders reaches, low and high, with the maths of the model alone counted. */
  readonly mfu: readonly [number, number];
  readonly source: string;
}

const MIB = 2 ** 20;
const TERA = 1e12;
const GIGA = 1e9;

/**
 * Utilisation. A100: Megatron-LM 44 to 52 % (arXiv 2104.04473, table 1), PaLM's review of others 21 to 46 % (arXiv 2204.02311, table 3). H100: Llama 3
 * 38 to 43 % (arXiv 2407.21783, table 4). Lower ends are what general trainers without tuning reach. For the others no published figures of the
 * same weight were found: they get the H100's, a little lower.
 */
export const GPUS: readonly Gpu[] = [
  {
    name: "A100-40G",
    memory: 40_960 * MIB,
    flops: 312 * TERA,
    bandwidth: 1555 * GIGA,
    link: 300 * GIGA,
    linkName: "NVLink 3",
    network: 200e9,
    mfu: [0.3, 0.5],
    source: "NVIDIA A100 Tensor Core GPU data sheet (SXM)",
  },
  {
    name: "A100-80G",
    memory: 81_920 * MIB,
    flops: 312 * TERA,
    bandwidth: 2039 * GIGA,
    link: 300 * GIGA,
    linkName: "NVLink 3",
    network: 200e9,
    mfu: [0.3, 0.5],
    source: "NVIDIA A100 Tensor Core GPU data sheet (SXM)",
  },
  {
    name: "H100-80G",
    memory: 81_559 * MIB,
    flops: 989.4 * TERA,
    bandwidth: 3350 * GIGA,
    link: 450 * GIGA,
    linkName: "NVLink 4",
    network: 400e9,
    mfu: [0.25, 0.43],
    source: "NVIDIA H100 Tensor Core GPU data sheet (SXM; its 1,979 TFLOP/s are with sparsity)",
  },
  {
    name: "H200-141G",
    memory: 143_771 * MIB,
    flops: 989.4 * TERA,
    bandwidth: 4800 * GIGA,
    link: 450 * GIGA,
    linkName: "NVLink 4",
    network: 400e9,
    mfu: [0.25, 0.43],
    source: "NVIDIA H200 Tensor Core GPU data sheet (SXM)",
  },
  {
    name: "B200-180G",
    memory: 183_359 * MIB,
    flops: 2250 * TERA,
    bandwidth: 7700 * GIGA,
    link: 900 * GIGA,
    linkName: "NVLink 5",
    network: 400e9,
    mfu: [0.2, 0.4],
    source: "NVIDIA HGX B200 data sheet (36 PFLOP/s with sparsity for eight)",
  },
  {
    name: "L40S-48G",
    memory: 46_068 * MIB,
    flops: 362.05 * TERA,
    bandwidth: 864 * GIGA,
    link: 32 * GIGA,
    linkName: "PCIe 4 x16",
    network: 100e9,
    mfu: [0.2, 0.4],
    source: "NVIDIA L40S data sheet (its 733 TFLOP/s are with sparsity)",
  },
  {
    name: "RTX4090-24G",
    memory: 24_564 * MIB,
    flops: 165.2 * TERA,
    bandwidth: 1008 * GIGA,
    link: 16 * GIGA,
    linkName: "PCIe 4 x16 through the host",
    network: 10e9,
    mfu: [0.2, 0.45],
    source: "NVIDIA Ada GPU architecture white paper, table 2 (float32 accumulation)",
  },
  {
    name: "MI300X-192G",
    memory: 196_592 * MIB,
    flops: 1307.4 * TERA,
    bandwidth: 5300 * GIGA,
    link: 448 * GIGA,
    linkName: "Infinity Fabric, 7 links",
    network: 400e9,
    mfu: [0.2, 0.4],
    source: "AMD Instinct MI300X data sheet",
  },
];
