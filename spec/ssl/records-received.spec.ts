import { setImmediate } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { pattern } from '../support/pairs.ts';
import { tlsPair } from '../support/tls.ts';

const RECORD = 16_384;

it('receives a record at a time, as Python does, however many have come', async () => {
  const [client, server] = await tlsPair();
  const sent = pattern(4 * RECORD);
  const sending = client.sendall(sent);
  const received = [await server.recv(1)];
  while (server.pending() < sent.length - 1) await setImmediate();
  for (let index = 0; index < 4; index += 1) received.push(await server.recv(sent.length));
  expect(received.map(({ length }) => length)).toEqual([1, RECORD - 1, RECORD, RECORD, RECORD]);
  expect(Buffer.concat(received).equals(sent)).toBe(true);
  await sending;
});
