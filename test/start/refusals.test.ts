import { expect } from "chai";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the demonstration with arguments that it has to refuse. */
function start(...args: string[]): Promise<Ended> {
  return new Promise((resolved) => {
    const command = ["--import", "./scripts/quiet.mjs", "scripts/start.ts", "--once", ...args];
    execFile(process.execPath, command, { cwd: ROOT, timeout: 60_000 }, (error, out, err) => {
      resolved({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, out, err });
    });
  });
}

describe("npm start refuses", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "joulework-start-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function expectRefusal({ code, out, err }: Ended, message: RegExp): void {
    expect(err).to.match(message);
    expect(err, "no stack trace").not.to.match(/^\s+at /m);
    expect(code).to.equal(1);
    expect(out, "nothing is deployed").not.to.include("deploying");
  }

  it("a port on which something answers", async () => {
    const server = createServer();
    await new Promise<void>((resolved) => server.listen(0, "127.0.0.1", resolved));
    const { port } = server.address() as AddressInfo;
    try {
      expectRefusal(await start("--port", String(port)), new RegExp(`^Error PORT_IN_USE: .*port = ${String(port)}`));
    } finally {
      await new Promise((resolved) => server.close(resolved));
    }
  });

  it("a report that cannot be written, before anything is started", async () => {
    expectRefusal(await start("--report", folder), /^Error REPORT_UNWRITABLE: .*\n {2}caused by: EISDIR/);
    const file = join(folder, "file");
    writeFileSync(file, "kept");
    expectRefusal(await start("--report", join(file, "report.json")), /^Error REPORT_UNWRITABLE/);
    expect(readFileSync(file, "utf8")).to.equal("kept");
    expect(readdirSync(folder)).to.deep.equal(["file"]);
  });

  it("the journals of an earlier run", async () => {
    writeFileSync(join(folder, "gateway.sqlite"), "");
    expectRefusal(await start("--data", folder), /^Error JOURNAL_/);
  });

  // Every other kind of bad data is tried in test/meters/profiles/, where it takes no process of its own.
  it("measurements with a gap, naming file, line and value before anything is sent", async () => {
    const rows = [
      "timestamp,meter,import_wh,export_wh",
      "2025-06-21T00:00:00Z,home,1,0",
      "2025-06-21T00:15:00Z,home,1,0",
    ];
    writeFileSync(join(folder, "homes.csv"), [...rows, "2025-06-21T00:45:00Z,home,80,0"].join("\n"));
    const ended = await start("--profiles", folder);
    expectRefusal(ended, /^Error PROFILE_DATA_INVALID: .*homes\.csv.*line = 4.*value = "2025-06-21T00:45:00Z"/);
    expect(ended.out).to.equal("");
  });

  it("a folder without measurements", async () => {
    expectRefusal(await start("--profiles", folder), /^Error PROFILE_/);
  });

  it("an option that it does not know", async () => {
    expectRefusal(await start("--day", "1"), /unknown option '--day'/);
  });
});
