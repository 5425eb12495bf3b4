// Pictures of the explorer's main pages for the documents, taken of a day that is played for them.
import { Command } from "commander";
import { formatForUser } from "../src/errors.ts";
import { playedExplorer } from "./screenshots/playedExplorer.ts";
import { takePictures } from "./screenshots/takePictures.ts";

const program = new Command("npm run screenshots --")
  .description("Take pictures of the explorer's main pages with Chromium.")
  .option("--url <url>", "an explorer that runs already (default: plays a community's day for it)")
  .option("--out <dir>", "where the pictures go", "docs/images")
  .option("--chromium <path>", "the browser", "/usr/bin/chromium")
  .option("--port <number>", "port of the node of the day that is played", "8545")
  .allowExcessArguments(false);

interface Flags {
  readonly url?: string;
  readonly out: string;
  readonly chromium: string;
  readonly port: string;
}

program.parse();
const { url, out, chromium, port } = program.opts<Flags>();
const explorer = url === undefined ? playedExplorer(port) : undefined;
try {
  await takePictures({ url: url ?? (await explorer?.url) ?? "", out, chromium, tell: (line) => console.log(line) });
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
} finally {
  await explorer?.stop();
}
