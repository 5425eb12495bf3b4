import { AskError } from "./ask.ts";

/** Where the server describes its questions. */
export const OPENAPI_PATH = "/api/openapi.json";

/** A question as the OpenAPI document has it. */
export interface Operation {
  readonly path: string;
  readonly method: string;
  readonly summary: string;
  readonly parameters: readonly string[];
}

interface Described {
  readonly summary?: string;
  readonly parameters?: readonly { readonly name: string }[];
}

/**
 * The questions that the server's own document lists.
 * @throws {AskError} where there is none.
 */
export async function readOperations(): Promise<Operation[]> {
  const answer = await fetch(OPENAPI_PATH).catch(() => null);
  if (answer?.ok !== true) {
    throw new AskError({
      code: "NO_OPENAPI",
      message: "The server gave no description of its questions.",
      hint: "Look whether it still runs, then load the page again.",
    });
  }
  const { paths } = (await answer.json()) as { readonly paths: Readonly<Record<string, Record<string, Described>>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary = "", parameters = [] }]) => ({
      path,
      method: method.toUpperCase(),
      summary,
      parameters: parameters.map(({ name }) => name),
    })),
  );
}
