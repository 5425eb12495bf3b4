import { z } from "zod";
import type { IndexPlace } from "../../explorer/server/indexPlace.ts";
import { JouleworkError } from "../../src/errors.ts";

export interface ExplorerFlags {
  readonly network: string;
  readonly deployment?: string;
  readonly rpc?: string;
  readonly port?: string;
  readonly data: string;
  readonly models?: string;
  readonly store?: string;
  readonly wait?: true;
  readonly page: boolean;
}

export interface ExplorerOptions {
  readonly network: string;
  readonly deployment: string;
  /** The node's address; the network's own where undefined. */
  readonly rpcUrl: string | undefined;
  readonly port: number | undefined;
  readonly index: IndexPlace;
  readonly models: string | undefined;
  readonly wait: boolean;
  readonly page: boolean;
}

const schema = z.object({
  network: z.string().min(1, "must name a network"),
  deployment: z.string().min(1, "must name a deployment").optional(),
  rpc: z.url({ protocol: /^https?$/, error: "must be an HTTP URL" }).optional(),
  port: z
    .string()
    .regex(/^\d{1,5}$/, "must be a port")
    .transform(Number)
    .pipe(z.number().min(1, "must be at least 1").max(65_535, "must be at most 65535"))
    .optional(),
  data: z.string().min(1, "must name a folder"),
  models: z.string().min(1, "must name a folder or an address").optional(),
  store: z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// URL" }).optional(),
  wait: z.literal(true).optional(),
  page: z.boolean(),
});

/** The options of `npm run explorer`, checked; the first that is wrong is named. */
export function explorerOptions(flags: ExplorerFlags): ExplorerOptions {
  const parsed = schema.safeParse(flags);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0] ?? "");
    throw new JouleworkError({
      code: "OPTION_INVALID",
      what: `The option --${name} ${issue?.message ?? "is wrong"}`,
      // A database's address may hold a password.
      values: name === "store" ? {} : { [name]: String(Object.entries(flags).find(([key]) => key === name)?.[1]) },
      hint: "Run `npm run explorer -- --help` for all options.",
    });
  }
  const { network, deployment = network, rpc, port, data, models, store, wait = false, page } = parsed.data;
  const index = store === undefined ? { folder: data } : { postgres: store };
  return { network, deployment, rpcUrl: rpc, port, index, models, wait, page };
}
