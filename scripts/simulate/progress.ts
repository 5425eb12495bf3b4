import cliProgress from "cli-progress";

/** A bar on a terminal and nothing elsewhere, since a table follows. */
export function runsBar(total: number): { readonly advance: (done: number) => void; readonly finish: () => void } {
  if (!process.stderr.isTTY) return { advance: () => undefined, finish: () => undefined };
  const bar = new cliProgress.SingleBar({
    format: "  {bar} {value}/{total} runs, {eta_formatted} left",
    barsize: 40,
    hideCursor: true,
  });
  bar.start(total, 0);
  return {
    advance: (done) => {
      bar.update(done);
    },
    finish: () => {
      bar.stop();
    },
  };
}
