/** Sees to it that `turn(runId)` is called soon, again and again until the run ends; starting twice is harmless. */
export type Starter = { start(runId: string): Promise<void> };
