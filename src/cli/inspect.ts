// `apollo inspect`: what a model file holds, and what is wrong with it.
import { inspectFile } from "../export/index.ts";
import { type Command, defineCommand } from "./command.ts";

/** Longer metadata values are shown by their beginning. */
const SHOWN_CHARACTERS = 90;

/** The command of the same name. */
export const inspectCommand: Command = defineCommand({
  name: "inspect",
  summary: "show what a GGUF file, a safetensors file or a checkpoint holds, and what is wrong with it",
  positionals: "FILE",
  options: { tensors: { type: "boolean", help: "list every tensor" } },
  examples: ["apollo inspect model.gguf", "apollo inspect checkpoints/tiny --json"],
  async run({ options, positionals, io }) {
    const found = await inspectFile(positionals[0]!);
    const types = new Map<string, number>();
    for (const tensor of found.tensorList) types.set(tensor.type, (types.get(tensor.type) ?? 0) + 1);
    io.print(
      `${found.format}, ${found.architecture ?? "no architecture"}, ${found.parameters.toLocaleString("en")} parameters`,
    );
    io.print(
      `${found.tensors} tensors: ${[...types].map(([type, count]) => `${count} ${type}`).join(", ") || "none"}`,
    );
    for (const [key, value] of Object.entries(found.metadata)) {
      const text = JSON.stringify(value);
      io.print(
        `  ${key}: ${text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text}`,
      );
    }
    if (options.tensors) {
      for (const tensor of found.tensorList)
        io.print(`  ${tensor.name} ${tensor.type} [${tensor.shape.join(", ")}]`);
    }
    for (const problem of found.problems) io.print(`problem ${problem.code}: ${problem.message}`);
    if (found.problems.length === 0) io.print("no problem found");
    return found;
  },
});
