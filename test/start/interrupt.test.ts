import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = resolve(import.meta.dirname, "../..");

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolved) => server.listen(0, "127.0.0.1", resolved));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolved) => server.close(resolved));
  return port;
}

describe("npm start, interrupted", () => {
  for (const moment of ["starting a local chain", "deploying the contracts", "registering"]) {
    it(`while ${moment} stops its chain, says so and is no defect`, async () => {
      const port = await freePort();
      const command = ["--import", "./scripts/quiet.mjs", "scripts/start.ts", "--port", String(port)];
      const child = spawn(process.execPath, command, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
      let complaint = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        complaint += text;
      });
      createInterface({ input: child.stdout }).on("line", (line) => {
        if (line.includes(moment)) child.kill("SIGINT");
      });
      const [code] = (await once(child, "close")) as [number | null];
      expect(complaint).to.equal("Interrupted; the chain is stopped.\n");
      expect(code).to.equal(130);
      const answered = await fetch(`http://127.0.0.1:${String(port)}`).then(
        () => true,
        () => false,
      );
      expect(answered).to.equal(false);
    });
  }
});
