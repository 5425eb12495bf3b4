import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { readDeployment } from "../src/chain/deployment.ts";
import { connectExchange } from "../src/chain/exchange.ts";
import { formatForUser } from "../src/errors.ts";
import { fetchZoneForecast, formatBacktest, formatRelations, formatZoneForecast } from "../src/forecasts/index.ts";
import { backtestHomes } from "./forecast/backtestHomes.ts";
import { parseForecastFlags, type ForecastFlags } from "./forecast/options.ts";

const program = new Command("forecast")
  .description("Backtest the forecasters on measured homes, or forecast a zone from its chain's own history.")
  .option("--profiles <folder>", "measured homes to backtest on")
  .option("--weather", "also let the regression see the folder's weather.csv")
  .option("--homes <number>", "only so many homes")
  .option("--skip <number>", "homes to leave out at the beginning (default: 0)")
  .option("--network <name>", "a recorded deployment, such as localhost")
  .option("--deployments <folder>", "where deployments are recorded (default: deployments)")
  .option("--rpc <url>", "its node (default: http://127.0.0.1:8545)")
  .option("--zone <number>", "the zone to forecast")
  .option("--horizon <slots>", "how far, at most 96 (default: 96)")
  .option("--json <file>", "write the figures as JSON")
  .allowExcessArguments(false);

program.parse();
try {
  const options = parseForecastFlags(program.opts<ForecastFlags>());
  let figures: unknown;
  if ("profiles" in options) {
    const { rows, relations } = backtestHomes(options, ({ kind, name }) =>
      console.error(`forecasting: ${kind} of ${name}`),
    );
    console.log(formatBacktest(rows));
    if (relations.length > 0) console.log(formatRelations(relations));
    figures = { rows, relations };
  } else {
    const exchange = await connectExchange({
      rpcUrl: options.rpc,
      deployment: await readDeployment(options.network, options.deployments),
    });
    const forecast = await fetchZoneForecast(exchange, options.zone, options.horizon);
    console.log(formatZoneForecast(forecast));
    figures = forecast;
  }
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, undefined, 2)}\n`);
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
}
