// Whether two schemas can both be satisfied by one value: "oneOf" is kept only where none of its schemas can.
import { isObject, type Schema } from "./json-schema.ts";

/** True when no value can satisfy two of the schemas: their types differ, or a required property's constants do. */
export function disjoint(branches: readonly unknown[], follow: (branch: unknown) => unknown): boolean {
  const followed = branches.map(follow);
  return followed.every((a, i) => followed.slice(i + 1).every((b) => apart(a, b)));
}

function apart(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) return false;
  const [valuesA, valuesB] = [constants(a), constants(b)];
  if (valuesA !== undefined && valuesB !== undefined)
    return !valuesA.some((value) => valuesB.includes(value));
  const [typesA, typesB] = [a, b].map((schema) =>
    schema.type === undefined
      ? undefined
      : new Set([schema.type].flat().map((type) => (type === "integer" ? "number" : type))),
  );
  if (typesA && typesB && ![...typesA].some((type) => typesB.has(type))) return true;
  const [propertiesA, propertiesB] = [a.properties, b.properties];
  if (a.type !== "object" || b.type !== "object" || !isObject(propertiesA) || !isObject(propertiesB))
    return false;
  const bothRequire = (name: string): boolean =>
    [a.required, b.required].every((required) => Array.isArray(required) && required.includes(name));
  return Object.keys(propertiesA).some((name) => {
    const [left, right] = [propertiesA[name], propertiesB[name]].map((schema) =>
      isObject(schema) ? constants(schema) : undefined,
    );
    return (
      bothRequire(name) &&
      left !== undefined &&
      right !== undefined &&
      !left.some((value) => right.includes(value))
    );
  });
}

function constants(schema: Schema): string[] | undefined {
  if ("const" in schema) return [JSON.stringify(schema.const)];
  return Array.isArray(schema.enum) ? schema.enum.map((value) => JSON.stringify(value)) : undefined;
}
