import cliProgress from "cli-progress";

export interface Progress {
  /** Announces a step of the job. */
  readonly step: (text: string) => void;
  readonly begin: (text: string, total: number) => void;
  readonly advance: (done: number) => void;
  readonly finish: () => void;
}

const SILENT = (): void => undefined;
const LINE_EVERY = 48;

/** A bar on a terminal, plain lines elsewhere, nothing if quiet. */
export function createProgress(quiet: boolean): Progress {
  if (quiet) return { step: SILENT, begin: SILENT, advance: SILENT, finish: SILENT };
  const step = (text: string): void => {
    console.log(`- ${text}`);
  };
  if (!process.stdout.isTTY) {
    let total = 0;
    return {
      step,
      begin: (text, count) => {
        total = count;
        step(text);
      },
      advance: (done) => {
        if (done > 0 && done % LINE_EVERY === 0) console.log(`  ${String(done)} of ${String(total)} slots`);
      },
      finish: SILENT,
    };
  }
  const bar = new cliProgress.SingleBar({
    format: "  {bar} {value}/{total} slots, {eta_formatted} left",
    barsize: 40,
    hideCursor: true,
  });
  return {
    step,
    begin: (text, total) => {
      step(text);
      bar.start(total, 0);
    },
    advance: (done) => {
      // Without anything done there is no speed, and the time that is left would be infinite.
      if (done > 0) bar.update(done);
    },
    finish: () => {
      bar.stop();
    },
  };
}
