// The nine measured homes trade through `npm start`; their report is held against the files that they come from.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import type { RunReport } from "../../src/community/runReport.ts";
import { formatForUser, JouleworkError } from "../../src/errors.ts";
import { readProfiles } from "../../src/meters/profiles/readProfiles.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const program = new Command("homes")
  .description("Measured homes trade, the audit passes, and trade stays below what physics allows.")
  .requiredOption("--profiles <dir>", "the homes' measurements")
  .requiredOption("--start <date>", "first day, YYYY-MM-DD")
  .requiredOption("--days <number>", "days to trade")
  .requiredOption("--port <number>", "port of the local node")
  .allowExcessArguments(false);

program.parse();
const options = program.opts<{ profiles: string; start: string; days: string; port: string }>();
const folder = await mkdtemp(join(tmpdir(), "joulework-homes-"));
try {
  const file = join(folder, "report.json");
  const given = Object.entries({ ...options, report: file }).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn("npm", ["start", "--", "--once", "--quiet", ...given], { cwd: ROOT, stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  process.exitCode = code ?? 1;
  if (code === 0) requireBelowCeiling(JSON.parse(await readFile(file, "utf8")) as RunReport);
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Refuses trade beyond the smaller of total surplus and total deficit of each slot, by the files themselves. */
function requireBelowCeiling({ matchedWh, peerToPeer, slots }: RunReport): void {
  const ceilings = measuredCeilings();
  const measuredWh = ceilings.reduce((sum, ceilingWh) => sum + ceilingWh, 0);
  const { deliveredWh, ceilingWh, slotsAboveCeiling } = peerToPeer;
  const figures = { slots, matchedWh, deliveredWh, ceilingWh, measuredWh, slotsAboveCeiling };
  const sound =
    slots === ceilings.length &&
    ceilingWh === measuredWh &&
    slotsAboveCeiling === 0 &&
    0 < deliveredWh &&
    deliveredWh <= matchedWh &&
    matchedWh <= measuredWh;
  if (!sound) {
    throw new JouleworkError({
      code: "CEILING_BROKEN",
      what: "Trade does not stay below what the homes could give each other",
      values: figures,
      hint: "A register, a fill or the reading of the files is wrong.",
    });
  }
  const share = `${((100 * matchedWh) / measuredWh).toFixed(1)} %`;
  console.log(
    `Of at most ${String(measuredWh)} Wh that the homes could exchange, ${String(matchedWh)} Wh were traded, ${share}.`,
  );
}

function measuredCeilings(): number[] {
  const days = Number(options.days);
  const { community, profiles, slots } = readProfiles(options.profiles, { start: new Date(options.start), days });
  const feeders = new Set(community.zones.map(({ feeder }) => feeder.name));
  const homes = [...profiles].flatMap(([name, profile]) => (feeders.has(name) ? [] : [profile]));
  return Array.from({ length: slots }, (_, place) => {
    const nets = homes.map(({ importWh, exportWh }) => (importWh[place] ?? 0) - (exportWh[place] ?? 0));
    const surplusWh = nets.reduce((sum, net) => sum + Math.max(0, -net), 0);
    const deficitWh = nets.reduce((sum, net) => sum + Math.max(0, net), 0);
    return Math.min(surplusWh, deficitWh);
  });
}
