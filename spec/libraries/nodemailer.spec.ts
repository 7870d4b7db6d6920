import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import nodemailer from 'nodemailer';
import * as socket from '../../lib/index.ts';
import { asNetSocket } from '../support/node-streams.ts';
import { listening, own, portOf } from '../support/pairs.ts';
import { certificateFile, serverContext } from '../support/tls-contexts.ts';

const DIALOGUE: readonly (readonly [command: RegExp, answer: string])[] = [
  [/^EHLO /i, '250-localhost\r\n250 STARTTLS\r\n'],
  [/^MAIL FROM:/i, '250 ok\r\n'],
  [/^RCPT TO:/i, '250 ok\r\n'],
  [/^DATA/i, '354 go on\r\n'],
];

/** Answers commands until one ends the dialogue, or the client goes; gives what was sent as mail. */
async function converse(one: socket.Socket, until: RegExp): Promise<string> {
  const file = one.makefile('rwb');
  let mail = '';
  for (;;) {
    const line = String(await file.readline());
    if (line === '' || until.test(line)) break;
    await file.write(DIALOGUE.find(([command]) => command.test(line))?.[1] ?? '500 what?\r\n');
    await file.flush();
    if (!/^DATA/i.test(line)) continue;
    for (let text = ''; text !== '.\r\n'; mail += text) text = String(await file.readline());
    await file.write('250 taken\r\n');
    await file.flush();
  }
  await file.close();
  return mail;
}

const MAIL = { from: 'ada@example.test', to: 'grace@example.test', subject: 'Sockets', text: 'Hello Grace' };

/** A transport over connections of ours. */
function transport(port: number, options: object): ReturnType<typeof nodemailer.createTransport> {
  return nodemailer.createTransport({
    host: 'localhost',
    port,
    ...options,
    getSocket: (_options: unknown, made: (error: Error | null, result?: object) => void) => {
      void socket
        .createConnection(['127.0.0.1', port])
        .then((sock) => made(null, { connection: asNetSocket(sock.toDuplex()) }));
    },
  });
}

describe('nodemailer', () => {
  it('sends a mail over a connection of ours', async () => {
    const listener = listening();
    const sending = transport(portOf(listener), { ignoreTLS: true }).sendMail(MAIL);
    const [conn] = await listener.accept();
    await own(conn).sendall('220 localhost ESMTP\r\n');
    const taken = converse(conn, /^QUIT/i);
    expect(await sending).toMatchObject({ accepted: ['grace@example.test'], response: '250 taken' });
    expect(await taken).toContain('Subject: Sockets\r\n');
  });

  it('begins TLS on it', async () => {
    const listener = listening();
    const tls = { ca: readFileSync(certificateFile('ca')) };
    const sending = transport(portOf(listener), { requireTLS: true, tls }).sendMail(MAIL);
    const [conn] = await listener.accept();
    await own(conn).sendall('220 localhost ESMTP\r\n');
    await converse(conn, /^STARTTLS/i);
    await conn.sendall('220 go on\r\n');
    const secured = own(await serverContext().wrapSocket(conn, { serverSide: true }));
    const taken = converse(secured, /^QUIT/i);
    expect(await sending).toMatchObject({ response: '250 taken' });
    expect(await taken).toContain('Hello Grace');
  });

  it('times out where the server says nothing', async () => {
    const listener = listening();
    const sending = transport(portOf(listener), { greetingTimeout: 20, socketTimeout: 20 }).sendMail(MAIL);
    await expect(sending).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });
});
