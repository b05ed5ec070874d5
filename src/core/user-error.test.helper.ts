// What is thrown at users, for `assert.throws` and `assert.rejects`.
import assert from "node:assert/strict";
import { UserError } from "./errors.ts";

/** Asserts that an error is the user's, has the code, and is told in one line that says so much. */
export function userError(code: string, line: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.equal(error.code, code, error.line);
    assert.match(error.line, line);
    assert.ok(!error.line.includes("\n"), error.line);
    return true;
  };
}
