import { existsSync } from 'node:fs';
import { expect, it, jest } from '@jest/globals';
import { hasProgram } from '../support/programs.ts';
import { allFiguresOf } from './run.ts';

// Each program compiles lib/ first, which takes long on a busy machine.
jest.setTimeout(120_000);

/** Where Debian has nginx's module for streams of TCP. */
const STREAM_MODULE = '/usr/lib/nginx/modules/ngx_stream_module.so';

const SMALL = ['--requests', '60', '--clients', '10', '--pause', '100', '--stall', '2'];

/** What a client sees whose request was with the server that is killed. */
const BROKEN_OFF: unknown = expect.not.arrayContaining([expect.not.stringMatching(/^(502 \(SH\)|end|ECONNRESET)/)]);

(hasProgram('haproxy') ? it : it.skip)(
  'HAProxy: every request is answered that no server has had, though one drains, is killed, and is stopped',
  async () => {
    const figures = await allFiguresOf('haproxy', ...SMALL);
    const [drained, drainedThrough, killed, killedThrough, stopped, stoppedThrough] = figures;
    for (const one of [drained, drainedThrough, stopped, stoppedThrough]) {
      expect(one).toMatchObject({ repeated: {}, unanswered: {} });
    }
    expect(killed).toMatchObject({ processes: 4, repeated: {} });
    expect(killedThrough).toMatchObject({ processes: 4 });
    for (const one of [killed, killedThrough]) expect(Object.keys(one?.unanswered ?? {})).toEqual(BROKEN_OFF);
    expect(Object.keys(killedThrough?.repeated ?? {}).filter((name) => !name.includes('before the request'))).toEqual(
      [],
    );
  },
);

(hasProgram('nginx') && existsSync(STREAM_MODULE) ? it : it.skip)(
  'nginx: every request is answered that no server has had, though one drains, is killed, and is stopped',
  async () => {
    const [drained, killed, stopped] = await allFiguresOf('nginx', ...SMALL);
    for (const one of [drained, stopped]) expect(one).toMatchObject({ repeated: {}, unanswered: {} });
    expect(killed).toMatchObject({ processes: 4 });
    expect(Object.keys(killed?.unanswered ?? {})).toEqual(BROKEN_OFF);
  },
);
