import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MqttClient } from 'mqtt';
import * as socket from '../../lib/index.ts';
import { reservedPort } from '../support/ports.ts';
import { hasProgram, OtherProgram } from '../support/programs.ts';

(hasProgram('mosquitto') ? describe : describe.skip)('mqtt, with mosquitto', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mqtt-spec-'));
  const port = reservedPort();
  let server: OtherProgram | undefined;

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    const file = join(folder, 'conf');
    writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
    server = new OtherProgram('mosquitto', ['-c', file, '-v']);
    await server.tells(/Opening ipv4 listen socket/);
    await server.tells(/mosquitto version .* running/);
  });

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const connected = (client: MqttClient): Promise<void> =>
    new Promise((resolve) => client.once('connect', () => resolve()));

  const connect = async (): Promise<MqttClient> => {
    const client = new MqttClient(() => socket.socket().toDuplex().connect(port, '127.0.0.1'), { reconnectPeriod: 10 });
    await connected(client);
    return client;
  };

  it.each([0, 1, 2] as const)('publishes with quality %d', async (qos) => {
    const [reader, writer] = [await connect(), await connect()];
    await reader.subscribeAsync('news/#', { qos });
    const told: string[] = [];
    const all = new Promise<void>((resolve) => {
      reader.on('message', (topic, text) => {
        told.push(`${topic} ${text.toString()}`);
        if (told.length === 20) resolve();
      });
    });
    for (let number = 1; number <= 20; number += 1) await writer.publishAsync('news/today', String(number), { qos });
    await all;
    expect(told).toEqual(Array.from({ length: 20 }, (_, index) => `news/today ${index + 1}`));
    await Promise.all([reader.endAsync(), writer.endAsync()]);
  });

  it('connects again when the connection is lost', async () => {
    const client = await connect();
    const again = connected(client);
    client.stream.destroy();
    await again;
    await client.publishAsync('news/again', 'still here', { qos: 1 });
    await client.endAsync();
  });
});
