import type { Dialogue } from './dialogue.ts';
import { printable } from './printable.ts';

/** The most lines of a mail, and the most of its receivers. */
const MOST_LINES = 1000;
const MOST_RECEIVERS = 100;

/** Takes mails from one client (RFC 5321), and prints what it would deliver. */
export class Mailbox {
  readonly #dialogue: Dialogue;
  #sender: string | undefined;
  #receivers: string[] = [];

  constructor(dialogue: Dialogue) {
    this.#dialogue = dialogue;
  }

  /** Answers a command. */
  async take(line: string): Promise<void> {
    const [, command = '', address = ''] = /^(MAIL FROM|RCPT TO|\w+)(?:: ?<(.*?)>)?/i.exec(line) ?? [];
    await this.#dialogue.say(await this.#answer(command.toUpperCase(), printable(address)));
  }

  async #answer(command: string, address: string): Promise<string> {
    switch (command) {
      case 'MAIL FROM':
        [this.#sender, this.#receivers] = [address, []];
        return '250 fine';
      case 'RCPT TO':
        if (this.#sender === undefined) return '503 MAIL first';
        if (this.#receivers.length === MOST_RECEIVERS) return '452 too many receivers';
        this.#receivers.push(address);
        return '250 fine';
      case 'DATA':
        if (this.#receivers.length === 0) return '503 RCPT first';
        return await this.#receive();
      case 'RSET':
        [this.#sender, this.#receivers] = [undefined, []];
        return '250 forgotten';
      case 'NOOP':
        return '250 fine';
      default:
        return '502 no such command';
    }
  }

  async #receive(): Promise<string> {
    await this.#dialogue.say('354 go on, up to a line with a dot');
    const lines: string[] = [];
    let size = 0;
    for (let line = await this.#dialogue.hear(); line !== '.'; line = await this.#dialogue.hear()) {
      size += 1;
      // A dot at the beginning of a line was doubled, as one alone is the end.
      if (size <= MOST_LINES) lines.push(line.replace(/^\./, ''));
    }
    if (size > MOST_LINES) return '552 too long';
    console.log(`mail of ${this.#sender ?? ''} for ${this.#receivers.join(', ')}:`);
    for (const line of lines) console.log(`| ${printable(Buffer.from(line, 'latin1').toString())}`);
    [this.#sender, this.#receivers] = [undefined, []];
    return '250 taken';
  }
}
