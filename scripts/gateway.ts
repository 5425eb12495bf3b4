// The gateway as a process: takes signed readings over HTTP on this machine and settles them on the chain.
import { Command } from "commander";
import { formatForUser } from "../src/errors.ts";
import { loadService, parseWhole, parseZones } from "../src/market/service/serviceOptions.ts";
import type { ServiceOptions } from "../src/market/service/serviceOptions.ts";
import { runGateway } from "../src/meters/gateway/runGateway.ts";

interface GatewayOptions extends ServiceOptions {
  readonly rpc?: string;
  readonly journal: string;
  readonly port: number;
  readonly confirmations: number;
  readonly close: number[];
  readonly poll: number;
  readonly maxPages?: number;
}

const program = new Command("gateway")
  .description("Takes signed meter readings, keeps them, and settles each exactly once.")
  .option("--rpc <url>", "the chain's node (default: JOULEWORK_RPC_URL, or http://127.0.0.1:8545)")
  .option("--deployment <id>", "which deployment", "localhost")
  .option("--deployments <folder>", "where deployments are recorded", "deployments")
  .option("--journal <file>", "the gateway's journal", "gateway.sqlite")
  .option("--port <port>", "port on 127.0.0.1; 0 takes a free one", parseWhole("port", 0, 65_535), 8550)
  .option("--confirmations <blocks>", "blocks until a reading is final", parseWhole("confirmations", 0, 10_000), 0)
  .option("--close <zones>", "zones whose slots this gateway closes, such as 1,2", parseZones, [])
  .option("--poll <ms>", "pause between looks at the chain", parseWhole("poll", 10, 600_000), 1_000)
  .option("--max-pages <pages>", "most pages of 4 KiB of the journal", parseWhole("max-pages", 32, 2 ** 31))
  .option("--keystore <file>", "encrypted key file; password in JOULEWORK_GATEWAY_KEY_PASSWORD")
  .addHelpText("after", "\nThe key is read from JOULEWORK_GATEWAY_KEY, or from the key file, never from an option.");

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());

try {
  program.parse();
  const { rpc, journal, close, poll, ...options } = program.opts<GatewayOptions>();
  await runGateway({
    ...options,
    ...(await loadService(options, "JOULEWORK_GATEWAY_KEY")),
    rpcUrl: rpc ?? process.env.JOULEWORK_RPC_URL ?? "http://127.0.0.1:8545",
    journalPath: journal,
    closeZones: close,
    pollMs: poll,
    report: (line) => console.log(line),
    signal: stop.signal,
  });
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
}
