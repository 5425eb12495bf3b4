import { z } from "zod";
import { JouleworkError } from "../../src/errors.ts";
import { MAX_HORIZON } from "../../src/forecasts/index.ts";

export interface ForecastFlags {
  readonly profiles?: string;
  readonly weather?: true;
  readonly homes?: string;
  readonly skip?: string;
  readonly network?: string;
  readonly deployments?: string;
  readonly rpc?: string;
  readonly zone?: string;
  readonly horizon?: string;
  readonly json?: string;
}

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const text = z.string().min(1);

const backtestSchema = z.strictObject({
  profiles: text,
  weather: z.boolean().default(false),
  homes: whole(1, 10_000).optional(),
  skip: whole(0, 10_000).default(0),
  json: text.optional(),
});

const zoneSchema = z.strictObject({
  network: text,
  deployments: text.default("deployments"),
  rpc: z.url().default("http://127.0.0.1:8545"),
  zone: whole(1, 4_095),
  horizon: whole(1, MAX_HORIZON).default(MAX_HORIZON),
  json: text.optional(),
});

export type BacktestOptions = z.output<typeof backtestSchema>;
export type ZoneOptions = z.output<typeof zoneSchema>;

/** What is asked for: a backtest on profiles, or forecasts of a zone. */
export function parseForecastFlags(flags: ForecastFlags): BacktestOptions | ZoneOptions {
  if (flags.profiles !== undefined) return parse(backtestSchema, flags);
  if (flags.network !== undefined) return parse(zoneSchema, flags);
  throw invalid("profiles", "neither --profiles nor --network is given");
}

function parse<T>(schema: z.ZodType<T>, flags: ForecastFlags): T {
  const parsed = schema.safeParse(flags);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(issue?.path.join(".") ?? "", issue?.message ?? "unreadable");
}

function invalid(option: string, problem: string): JouleworkError {
  return new JouleworkError({
    code: "OPTION_INVALID",
    what: "The options make no sense",
    values: { option, problem },
    hint: "Give --profiles DIR with --weather, --homes and --skip, or --network NAME with --zone, --horizon, --rpc and --deployments; --json goes with both.",
  });
}
