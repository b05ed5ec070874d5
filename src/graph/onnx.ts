// ONNX ModelProto encoding of a node list. Field numbers: onnx/onnx.proto3; opset 21, IR version 10.
import { ProtobufMessage } from "../core/index.ts";

/** Element types the graphs use, with their ONNX TensorProto.DataType numbers. */
export const ELEMENT_TYPES = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
} as const;

/** An element type. */
export type ElementType = keyof typeof ELEMENT_TYPES;

/** A node attribute: integer, list of integers, float or string. */
export type Attribute = number | readonly number[] | { readonly float: number } | string;

/** One operator call. */
export interface OnnxNode {
  readonly operator: string;
  /** Names of its inputs; an empty name is an absent optional input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A named graph input or output. */
export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** A constant, held in the model itself or lying in another file. */
export interface OnnxConstant extends OnnxValue {
  readonly data: Uint8Array | { readonly file: string; readonly offset: number; readonly bytes: number };
}

/** A whole graph. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly constants: readonly OnnxConstant[];
}

const OPSET = 21;
/** ONNX Runtime's own operators among ours, all of one set. */
const RUNTIME_SET = { domain: "com.microsoft", version: 1, operators: ["RotaryEmbedding"] };
const IR_VERSION = 10;
const ATTRIBUTE_KIND = { float: 1, integer: 2, string: 3, integers: 7 } as const;
const EXTERNAL = 1;

/** Encodes a graph as ONNX model bytes. */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  const body = new ProtobufMessage();
  graph.nodes.forEach((node, index) => {
    const message = new ProtobufMessage();
    for (const input of node.inputs) message.bytes(1, input);
    for (const output of node.outputs) message.bytes(2, output);
    message.bytes(3, `${node.operator}_${index}`).bytes(4, node.operator);
    for (const [name, attribute] of Object.entries(node.attributes))
      message.bytes(5, encodeAttribute(name, attribute));
    if (RUNTIME_SET.operators.includes(node.operator)) message.bytes(7, RUNTIME_SET.domain);
    body.bytes(1, message);
  });
  body.bytes(2, "apollo");
  for (const constant of graph.constants) body.bytes(5, encodeConstant(constant));
  for (const input of graph.inputs) body.bytes(11, encodeValue(input));
  for (const output of graph.outputs) body.bytes(12, encodeValue(output));
  return new ProtobufMessage()
    .integer(1, IR_VERSION)
    .bytes(2, "apollo")
    .bytes(7, body)
    .bytes(8, new ProtobufMessage().bytes(1, "").integer(2, OPSET))
    .bytes(8, new ProtobufMessage().bytes(1, RUNTIME_SET.domain).integer(2, RUNTIME_SET.version))
    .encode()
    .slice();
}

function encodeAttribute(name: string, attribute: Attribute): ProtobufMessage {
  const message = new ProtobufMessage().bytes(1, name);
  if (typeof attribute === "number") return message.integer(3, attribute).integer(20, ATTRIBUTE_KIND.integer);
  if (typeof attribute === "string") return message.bytes(4, attribute).integer(20, ATTRIBUTE_KIND.string);
  if ("float" in attribute) return message.float(2, attribute.float).integer(20, ATTRIBUTE_KIND.float);
  for (const value of attribute) message.integer(8, value);
  return message.integer(20, ATTRIBUTE_KIND.integers);
}

function encodeConstant({ name, type, shape, data }: OnnxConstant): ProtobufMessage {
  const message = new ProtobufMessage();
  for (const size of shape) message.integer(1, size);
  message.integer(2, ELEMENT_TYPES[type]).bytes(8, name);
  if (data instanceof Uint8Array) return message.bytes(9, data);
  const place = { location: data.file, offset: String(data.offset), length: String(data.bytes) };
  for (const [key, value] of Object.entries(place)) {
    message.bytes(13, new ProtobufMessage().bytes(1, key).bytes(2, value));
  }
  return message.integer(14, EXTERNAL);
}

function encodeValue({ name, type, shape }: OnnxValue): ProtobufMessage {
  const dimensions = new ProtobufMessage();
  for (const size of shape) dimensions.bytes(1, new ProtobufMessage().integer(1, size));
  const tensor = new ProtobufMessage().integer(1, ELEMENT_TYPES[type]).bytes(2, dimensions);
  return new ProtobufMessage().bytes(1, name).bytes(2, new ProtobufMessage().bytes(1, tensor));
}
