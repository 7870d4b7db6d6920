import { INT_SIZE, type OptionSetting } from './option.ts';

/** The options that were set on one socket, in their order, for another socket that is to take its place. */
export class SettingsLog {
  #settings: OptionSetting[] = [];

  get settings(): readonly OptionSetting[] {
    return this.#settings;
  }

  /**
   * Notes what was set.
   *
   * @param isInForce - whether it is set on the socket already: of structures only the last is kept then, so that the log
   * does not grow for ever. Before, they may add up, as memberships do.
   */
  note(setting: OptionSetting, isInForce: boolean): void {
    const { level, optname, value } = setting;
    if (isInForce || value === null || value.length <= INT_SIZE) {
      this.#settings = this.#settings.filter((one) => one.level !== level || one.optname !== optname);
    }
    // A copy, because the caller may reuse its memory.
    this.#settings.push({ ...setting, value: value === null ? null : Buffer.from(value) });
  }
}
