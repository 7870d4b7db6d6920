/** How a demo is attacked, and how others use it meanwhile. */
export interface DemoPlan {
  readonly demo: string;
  readonly args: () => readonly string[];
  /** Uses the demo as it is meant; `ask` calls back again and again until the attack is over. */
  readonly serve: (port: number, ask: (call: () => Promise<void>) => Promise<void>) => Promise<void>;
  readonly attacks: readonly DemoAttack[];
}

export interface DemoAttack {
  readonly does: string;
  /** Ends with what must not be. */
  readonly run: (port: number, seconds: number) => Promise<readonly string[]>;
}
