// Three sessions as one: they read the same text, each in its own tokens, and advance at the same time.
import assert from "node:assert/strict";
import type { LogitModel, Session } from "../engine/index.ts";
import type { Combination } from "./combine.ts";

/** One of the three: the model, and the base's tokens as its own. */
export interface ProxyMember {
  readonly model: LogitModel;
  readonly translate: (tokens: Int32Array) => Int32Array;
}

/** Base, expert, anti. */
export type Trio<T> = readonly [T, T, T];

/** What the three gave at one place and what came of it; the rows are valid until the session goes on. */
export interface ProxyStep {
  readonly base: Float32Array;
  readonly expert: Float32Array;
  readonly anti: Float32Array;
  readonly combined: Float32Array;
}

/** How the three go together. */
export interface JoinOptions {
  readonly members: Trio<ProxyMember>;
  readonly combine: Combination;
  readonly vocabularySize: number;
  /** True when from this many generated tokens on the base is not steered. */
  readonly isOver: (index: number) => boolean;
  /** Called after each advance; the small models then never rest. */
  readonly observe?: ((step: ProxyStep) => void) | undefined;
  /** The prompt in the small models' own format; default: the base's tokens. */
  readonly prompts?: { readonly expert: Int32Array; readonly anti: Int32Array };
}

/** A member's session and how far along the base's tokens it is: small models rest while the base is not steered. */
interface Follower {
  readonly session: Session;
  readonly translate: (tokens: Int32Array) => Int32Array;
  readonly prompt: Int32Array | undefined;
  /** Tokens of the base that it has read. */
  read: number;
}

/**
 * Joins open sessions. What the first advance brings counts as the prompt: schedules count from there. Where the small models
 * have prompts of their own, a rewind goes to the start or no further back than the prompt's end.
 */
export function joinSessions(sessions: Trio<Session>, options: JoinOptions): Session {
  const { members, combine, isOver, observe, prompts } = options;
  const combined = new Float32Array(options.vocabularySize);
  const own = [undefined, prompts?.expert, prompts?.anti];
  const followers = sessions.map(
    (session, i): Follower => ({ session, translate: members[i]!.translate, prompt: own[i], read: 0 }),
  );
  const history: number[] = [];
  let promptLength = 0;

  /** Where a member's own session is when it has read so many of the base's tokens. */
  const place = ({ prompt }: Follower, read: number): number =>
    prompt === undefined || read === 0 ? read : prompt.length + read - promptLength;

  function nextTokens({ prompt, translate, read }: Follower): Int32Array {
    if (prompt === undefined || read > 0) return translate(Int32Array.from(history.slice(read)));
    const generated = translate(Int32Array.from(history.slice(promptLength)));
    return generated.length === 0 ? prompt : Int32Array.of(...prompt, ...generated);
  }

  function goBack(position: number): void {
    for (const follower of followers) {
      if (follower.read <= position) continue;
      assert(follower.prompt === undefined || position === 0 || position >= promptLength);
      follower.session.rewind(place(follower, position));
      follower.read = position;
    }
    history.length = position;
  }

  return {
    get length() {
      return history.length;
    },
    // In the base's tokens, as everything that is counted of a trio.
    get reusedTokens() {
      return sessions[0].reusedTokens;
    },
    async advance(tokens) {
      const before = history.length;
      if (before === 0) promptLength = tokens.length;
      for (const token of tokens) history.push(token);
      const index = Math.max(0, history.length - promptLength);
      const rest = observe === undefined && isOver(index);
      const active = rest ? followers.slice(0, 1) : followers;
      let inputs: Int32Array[];
      try {
        inputs = active.map(nextTokens);
      } catch (error) {
        history.length = before;
        throw error;
      }
      const steps = await Promise.allSettled(active.map(({ session }, i) => session.advance(inputs[i]!)));
      const failed = steps.find((step) => step.status === "rejected");
      if (failed !== undefined) {
        // Those that went ahead come back, so that the three stay together.
        for (const follower of active) follower.session.rewind(place(follower, follower.read));
        history.length = before;
        throw failed.reason;
      }
      for (const follower of active) follower.read = history.length;
      const [base, expert, anti] = steps.map((step) =>
        step.status === "fulfilled" ? step.value : undefined,
      );
      if (rest) return base!;
      combine(base!, expert!, anti!, index, combined);
      observe?.({ base: base!, expert: expert!, anti: anti!, combined });
      return combined;
    },
    rewind: goBack,
    dispose() {
      for (const { session } of followers) session.dispose();
    },
  };
}

/** Opens a session of each, or none when one cannot be opened. */
export function openTrio(open: Trio<() => Session>): Trio<Session> {
  const sessions: Session[] = [];
  try {
    for (const one of open) sessions.push(one());
  } catch (error) {
    for (const session of sessions) session.dispose();
    throw error;
  }
  return sessions as unknown as Trio<Session>;
}

/** One after the other and in the trio's order, so that two texts never hold what the other one waits for. */
export async function openTrioWhenFree(open: Trio<() => Promise<Session>>): Promise<Trio<Session>> {
  const sessions: Session[] = [];
  try {
    for (const one of open) sessions.push(await one());
  } catch (error) {
    for (const session of sessions) session.dispose();
    throw error;
  }
  return sessions as unknown as Trio<Session>;
}
