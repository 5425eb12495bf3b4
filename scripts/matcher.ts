// The matcher as a process: takes signed orders over HTTP on this machine, gives receipts, commits and clears books.
import { Command } from "commander";
import { formatForUser } from "../src/errors.ts";
import { runMatcher } from "../src/market/service/runMatcher.ts";
import { loadService, parseWhole, parseZones } from "../src/market/service/serviceOptions.ts";
import type { ServiceOptions } from "../src/market/service/serviceOptions.ts";

interface MatcherOptions extends ServiceOptions {
  readonly rpc?: string;
  readonly journal: string;
  readonly port: number;
  readonly zones: number[];
  readonly confirmations: number;
  readonly freezeDelay: number;
  readonly close: number[];
  readonly poll: number;
}

const program = new Command("matcher")
  .description("Takes signed orders until gate closure, then commits and clears each slot's book exactly once.")
  .option("--rpc <url>", "the chain's node (default: JOULEWORK_RPC_URL, or http://127.0.0.1:8545)")
  .option("--deployment <id>", "which deployment", "localhost")
  .option("--deployments <folder>", "where deployments are recorded", "deployments")
  .option("--journal <file>", "the matcher's journal", "matcher.sqlite")
  .option("--port <port>", "port on 127.0.0.1; 0 takes a free one", parseWhole("port", 0, 65_535), 8551)
  .option("--zones <zones>", "zones that this matcher serves, such as 1,2", parseZones, [1])
  .option("--confirmations <blocks>", "blocks until a clearing is final", parseWhole("confirmations", 0, 10_000), 0)
  .option("--freeze-delay <s>", "seconds from gate closure to fixing a book", parseWhole("freeze-delay", 0, 90), 0)
  .option("--close <zones>", "zones whose slots this matcher closes, such as 1,2", parseZones, [])
  .option("--poll <ms>", "pause between looks at the chain", parseWhole("poll", 10, 600_000), 1_000)
  .option("--keystore <file>", "encrypted key file; password in JOULEWORK_MATCHER_KEY_PASSWORD")
  .addHelpText("after", "\nThe key is read from JOULEWORK_MATCHER_KEY, or from the key file, never from an option.");

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());

try {
  program.parse();
  const { rpc, journal, close, poll, freezeDelay, ...options } = program.opts<MatcherOptions>();
  await runMatcher({
    ...options,
    ...(await loadService(options, "JOULEWORK_MATCHER_KEY")),
    rpcUrl: rpc ?? process.env.JOULEWORK_RPC_URL ?? "http://127.0.0.1:8545",
    journalPath: journal,
    closeZones: close,
    freezeDelaySeconds: freezeDelay,
    pollMs: poll,
    report: (line) => console.log(line),
    signal: stop.signal,
  });
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
}
