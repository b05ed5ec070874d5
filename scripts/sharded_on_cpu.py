"""train.py with FSDP2 on CPUs, where accelerate leaves it out: shows that cutting weights changes no loss. python sharded_on_cpu.py JOB (torchrun)."""
import sys
from pathlib import Path

import accelerate.state as state
from accelerate.utils import DistributedType

sys.path.insert(0, str(Path(__file__).parent.parent / "src" / "train" / "torch" / "python"))
import train  # noqa: E402

original = state.AcceleratorState.__init__


def with_sharding(self, *args, fsdp_plugin=None, **options):
    original(self, *args, fsdp_plugin=fsdp_plugin, **options)
    if fsdp_plugin is not None and "fsdp_plugin" not in self.__dict__:
        self.distributed_type = DistributedType.FSDP
        self.fsdp_plugin = fsdp_plugin


state.AcceleratorState.__init__ = with_sharding
train.run(sys.argv[1])
