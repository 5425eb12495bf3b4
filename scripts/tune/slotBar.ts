import cliProgress from "cli-progress";

/** A bar of slots on a terminal and nothing elsewhere, since a table follows. */
export function slotBar(): { readonly advance: (done: number, total: number) => void; readonly finish: () => void } {
  if (!process.stderr.isTTY) return { advance: () => undefined, finish: () => undefined };
  const bar = new cliProgress.SingleBar({
    format: "  {bar} {value}/{total} slots, {eta_formatted} left",
    barsize: 40,
    hideCursor: true,
  });
  let started = false;
  return {
    advance(done, total) {
      if (!started) bar.start(total, 0);
      started = true;
      bar.update(done);
    },
    finish: () => {
      bar.stop();
    },
  };
}
