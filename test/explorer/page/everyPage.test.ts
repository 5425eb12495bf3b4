import { expect } from "chai";
import { accessibilityFaults, horizontalOverflow } from "./support/axe.ts";
import { DESKTOP, openPath, PHONE } from "./support/browser.ts";
import { describeInBrowser } from "./support/inBrowser.ts";
import { SAMPLE_PATHS } from "./support/samplePaths.ts";

const SIZES = { desktop: DESKTOP, phone: PHONE } as const;

describeInBrowser("every page", ({ open }) => {
  for (const [path, heading] of SAMPLE_PATHS) {
    it(`shows ${heading} at its bookmark`, async () => {
      const { page } = await open();
      await openPath(page, path);
      expect(await page.locator("h1").innerText()).to.equal(heading);
      expect(await page.title()).to.equal(`${heading} · Joulework explorer`);
      expect(await page.locator(".problem[role=alert]").count(), "problems").to.equal(0);
    });
  }

  for (const colorScheme of ["light", "dark"] as const) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      it(`has no fault that axe-core knows in ${colorScheme} colours on a ${size}`, async () => {
        const { page } = await open({ colorScheme, viewport });
        const faults: string[] = [];
        for (const [path, heading] of SAMPLE_PATHS) {
          await openPath(page, path);
          faults.push(...(await accessibilityFaults(page)).map((fault) => `${heading}: ${fault}`));
          const overflow = await horizontalOverflow(page);
          if (overflow > 0) faults.push(`${heading}: ${String(overflow)} px too wide`);
        }
        expect(faults).to.deep.equal([]);
      });
    }
  }
});
