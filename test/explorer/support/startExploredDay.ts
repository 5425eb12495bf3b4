import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPage } from "../../../explorer/page/build.ts";
import { startExplorer, type Explorer, type StartExplorerParameters } from "../../../explorer/server/startExplorer.ts";
import { audit, type AuditReport } from "../../../src/audit/index.ts";
import { playDay, type PlayedDay } from "./playDay.ts";

/** A day with an explorer that has indexed it. */
export interface ExploredDay extends PlayedDay {
  /** The explorer's address, such as http://127.0.0.1:5100. */
  readonly url: string;
  readonly explorer: Explorer;
  /** Folder of the index. */
  readonly folder: string;
  /** What the audit says of the chain. */
  readonly report: AuditReport;
}

export interface ExploredDayOptions extends Pick<StartExplorerParameters, "port" | "limits"> {
  /** Builds and serves the page too; the API alone where false. */
  readonly page?: boolean;
}

/** Plays the day on a node of its own, audits it, and starts an explorer. Whoever starts it closes it. */
export async function startExploredDay({ page = true, ...options }: ExploredDayOptions = {}): Promise<ExploredDay> {
  const day = await playDay();
  const folder = await mkdtemp(join(tmpdir(), "joulework-index-"));
  try {
    const { rpcUrl, deployment, models } = day;
    const report = await audit({ rpcUrl, deployment });
    const explorer = await startExplorer({
      rpcUrl,
      deployment,
      index: { folder },
      models,
      checkAnswers: true,
      onFailure: (error) => console.error(error),
      ...(page ? { page: await buildPage() } : {}),
      ...options,
    });
    await explorer.indexed();
    return {
      ...day,
      url: explorer.url,
      explorer,
      folder,
      report,
      async close() {
        await explorer.close();
        await rm(folder, { recursive: true, force: true });
        await day.close();
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    await day.close();
    throw error;
  }
}
