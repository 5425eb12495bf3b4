import highs from "highs";

/** The package's types describe its CommonJS build, whose default export is one level further down than that of the module that is loaded. */
const load = highs as unknown as typeof highs.default;
let loaded: ReturnType<typeof load> | undefined;

/**
 * HiGHS (Huangfu and Hall, "Parallelizing the dual revised simplex method", Mathematical Programming Computation 10, 2018),
 * for linear and mixed-integer programmes. Loading it takes far longer than a small programme, and it keeps nothing from one
 * to the next, so a process has one.
 */
export function loadSolver(): ReturnType<typeof load> {
  return (loaded ??= load());
}
