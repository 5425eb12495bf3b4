import type { z } from "zod";
import { JouleworkError } from "../../errors.ts";
import { contentAddress } from "../store/contentAddress.ts";
import { canonicalJson, type Json } from "./canonicalJson.ts";

const MAX_SPEC_BYTES = 64 * 1024;

/** A kind of specification that jobs name by the hash of its bytes, of which there is one form. */
export interface SpecFormat<Spec extends Json> {
  /** A specification from a plain object, checked. */
  readonly parse: (value: unknown) => Spec;
  /** Its bytes. */
  readonly encode: (spec: Spec) => Uint8Array;
  /** Their content address. */
  readonly hash: (spec: Spec) => string;
  /** Reads the bytes; refuses a specification that would be written in others. */
  readonly decode: (bytes: Uint8Array) => Spec;
}

/**
 * The format that a schema describes.
 *
 * @param document Where its fields are listed.
 * @throws JOB_SPEC_INVALID naming the field, from `parse` and what uses it.
 */
export function specFormat<Spec extends Json>(schema: z.ZodType<Spec>, document: string): SpecFormat<Spec> {
  function invalid(field: string, reason: string): JouleworkError {
    return new JouleworkError({
      code: "JOB_SPEC_INVALID",
      what: "The training job's specification is wrong",
      values: { ...(field === "" ? {} : { field }), reason },
      hint: `${document} lists every field of a specification.`,
    });
  }

  function parse(value: unknown): Spec {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw invalid(issue?.path.join(".") ?? "", issue?.message ?? "unreadable");
  }

  function readText(bytes: Uint8Array): string {
    if (bytes.length > MAX_SPEC_BYTES) throw invalid("", `is longer than ${String(MAX_SPEC_BYTES)} bytes`);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw invalid("", "is no UTF-8 text");
    }
  }

  function readJson(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw invalid("", "is no JSON");
    }
  }

  const encode = (spec: Spec): Uint8Array => new TextEncoder().encode(canonicalJson(parse(spec)));
  return {
    parse,
    encode,
    hash: (spec) => contentAddress(encode(spec)),
    decode(bytes) {
      const text = readText(bytes);
      const spec = parse(readJson(text));
      if (canonicalJson(spec) !== text) throw invalid("", "the bytes are not the canonical form");
      return spec;
    },
  };
}
