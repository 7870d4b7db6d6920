import fc from 'fast-check';
import type { Call, Cut, CutKind, Dialogue, EndName, Step } from './dialogue.ts';

/** Values of TLSVersion. */
const TLS12 = 0x0303;
const TLS13 = 0x0304;

const oneOf = fc.constantFrom;

/** One of values with weights. */
function weighted<Value>(...choices: readonly (readonly [weight: number, value: Value])[]): fc.Arbitrary<Value> {
  return fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
}

/** A setting that is left out at times. */
const perhaps = <Value>(weight: number, arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: 10 - weight, arbitrary: fc.constant(undefined) }, { weight, arbitrary });

/** Without the settings that are left out, which JSON does not have. */
function given(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

const versions = weighted(
  [5, {}],
  [3, { minimum_version: TLS12, maximum_version: TLS12 }],
  [3, { minimum_version: TLS13 }],
  [1, { maximum_version: TLS12 }],
  [1, { minimum_version: TLS13, maximum_version: TLS13 }],
);

const alpn = perhaps(4, oneOf(['h2'], ['http/1.1', 'h2'], ['h2', 'http/1.1'], ['x', 'spdy/3'], ['a'.repeat(255)]));

const ciphers = perhaps(2, oneOf('ECDHE+CHACHA20', 'ECDHE+AESGCM', 'AES128-SHA', 'ECDHE-ECDSA-AES256-GCM-SHA384'));

const clientContext = fc
  .record({
    versions,
    alpn,
    ciphers,
    // CERT_REQUIRED with and without a name, CERT_OPTIONAL and CERT_NONE.
    checks: weighted(
      [6, {}],
      [3, { check_hostname: false }],
      [1, { check_hostname: false, verify_mode: 1 }],
      [3, { check_hostname: false, verify_mode: 0 }],
    ),
    trusts: weighted([8, ['ca']], [1, ['other-ca']], [1, ['ca', 'other-ca']], [1, ['self-signed', 'ca']], [1, []]),
    chain: perhaps(
      4,
      weighted([4, 'client'], [1, 'expired-client'], [1, 'untrusted-client'], [1, 'self-signed-client']),
    ),
  })
  .map(({ versions: both, checks, ...rest }): Call => ['context', given({ ...both, ...checks, ...rest })]);

const serverContext = fc
  .record({
    versions,
    alpn,
    ciphers,
    verify_mode: weighted([6, undefined], [2, 1], [3, 2]),
    trusts: weighted([6, ['ca']], [1, ['other-ca']], [1, undefined]),
    chain: weighted(
      [12, 'server'],
      [1, 'other-name'],
      [1, 'expired'],
      [1, 'untrusted'],
      [1, 'self-signed'],
      [1, undefined],
    ),
    sni: perhaps(3, weighted<string | number>([3, 'names'], [3, 'switch'], [1, 'raise'], [1, 112], [1, 40])),
  })
  .map(({ versions: both, ...rest }): Call => ['context', given({ ...both, ...rest })]);

const serverHostname = weighted<string | null | undefined>(
  [10, 'localhost'],
  [2, 'elsewhere.test'],
  [2, '127.0.0.1'],
  [1, '127.0.0.2'],
  [1, '::1'],
  [1, '::2'],
  [1, 'LOCALHOST'],
  [1, 'localhost.'],
  [1, 'bücher.test'],
  [1, '.localhost'],
  [1, ''],
  [1, null],
  [1, undefined],
);

const clientWrap = fc
  .record({
    server_hostname: serverHostname,
    do_handshake_on_connect: weighted([6, undefined], [3, false]),
    suppress_ragged_eofs: weighted([6, undefined], [3, false]),
  })
  .map(given);

const serverWrap = fc
  .record({
    do_handshake_on_connect: weighted([6, undefined], [3, false]),
    suppress_ragged_eofs: weighted([6, undefined], [3, false]),
  })
  .map(given);

const HANDSHAKE: Call = ['do_handshake'];

/** The steps from the contexts to the end of the handshake. */
const beginnings: fc.Arbitrary<Step[]> = fc
  .record({
    clientContext,
    serverContext,
    clientWrap,
    serverWrap,
    clientEarly: weighted([4, false], [1, true]),
    serverEarly: weighted([4, false], [1, true]),
    handshakes: weighted([6, true], [1, false]),
  })
  .map((made) => {
    const connect: Call[] = made.clientEarly
      ? [
          ['wrap', made.clientWrap],
          ['connect', true],
        ]
      : [['connect']];
    const client: Call[] = made.clientEarly ? [] : [['wrap', made.clientWrap]];
    const server: Call[] = made.serverEarly ? [] : [['wrap', made.serverWrap]];
    if (made.handshakes) {
      if (made.clientWrap.do_handshake_on_connect === false) client.push(HANDSHAKE);
      if (made.serverWrap.do_handshake_on_connect === false) server.push(HANDSHAKE);
    }
    const before: Call[] = made.clientEarly ? [['socket']] : [];
    return [
      { client: [made.clientContext, ...before], server: [made.serverContext, ...listening(made)] },
      ...connected(connect, client, server, made),
    ];
  });

const listening = ({ serverEarly, serverWrap: wrap }: { serverEarly: boolean; serverWrap: object }): Call[] =>
  serverEarly ? [['wrap_listener', wrap]] : [];

/** With a wrapped end, the connection and the handshake are one call: then all of it is one step. */
function connected(
  connect: Call[],
  client: Call[],
  server: Call[],
  { clientEarly, serverEarly }: { clientEarly: boolean; serverEarly: boolean },
): Step[] {
  const accept: Call = ['accept'];
  if (!clientEarly && !serverEarly)
    return [
      { client: connect, server: [accept] },
      { client, server },
    ];
  return [{ client: [...connect, ...client], server: [accept, ...server] }];
}

/** What the steps ask of a connection. */
const INFO: readonly Call[] = [
  ['version'],
  ['cipher'],
  ['selected_alpn_protocol'],
  ['getpeercert'],
  ['getpeercert', true],
  ['session_reused'],
  ['server_hostname'],
  ['server_side'],
  ['compression'],
  ['pending'],
  ['fileno'],
  ['gettimeout'],
];

const info = fc.subarray([...INFO], { minLength: 1, maxLength: 5 });

/** What happens after the handshake; sizes of sends are known to what receives. */
type Act =
  | { readonly kind: 'send'; readonly by: EndName; readonly call: string; readonly size: number }
  | { readonly kind: 'receive'; readonly by: EndName; readonly share: number }
  | { readonly kind: 'calls'; readonly step: Step };

const end = oneOf<EndName>('client', 'server');

const size = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 100 }) },
  { weight: 2, arbitrary: fc.integer({ min: 101, max: 40_000 }) },
  { weight: 1, arbitrary: oneOf(0, 16_384, 16_385, 32_768) },
);

const by = (name: EndName, ...calls: readonly Call[]): Step =>
  name === 'client' ? { client: calls } : { server: calls };

const single = weighted<Call>(
  [3, ['recv', 0]],
  [4, ['recv', 10]],
  [2, ['recv', 100_000]],
  [2, ['recv_into', 7]],
  [2, ['read', 20]],
  [1, ['recv', -1]],
  [1, ['recv', 5, 2]],
  [1, ['recvfrom', 5]],
  [1, ['recvmsg', 5]],
  [4, ['settimeout', 0]],
  [2, ['settimeout', 0.1]],
  [1, ['settimeout', null]],
  [3, ['close']],
  [2, ['unwrap']],
  [1, ['do_handshake']],
  [2, ['shutdown', 1]],
  [1, ['shutdown', 0]],
  [1, ['shutdown', 2]],
);

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('send'), by: end, call: oneOf('send', 'sendall', 'write'), size }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('receive'), by: end, share: weighted([3, 1], [1, 0.5], [1, 0.01]) }),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(end, info).map(([name, calls]): Act => ({ kind: 'calls', step: by(name, ...calls) })),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(end, single).map(([name, call]): Act => ({ kind: 'calls', step: by(name, call) })),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Act>({ kind: 'calls', step: { client: [['unwrap']], server: [['unwrap']] } }),
  },
  {
    weight: 1,
    arbitrary: oneOf<CutKind>('end', 'close', 'reset').map((cut): Act => ({ kind: 'calls', step: { cut } })),
  },
);

const OTHER = { client: 'server', server: 'client' } as const;

/** The steps of acts: what is received was sent before. */
function stepsOf(acts: readonly Act[]): Step[] {
  const unread = { client: 0, server: 0 };
  const steps: Step[] = [];
  for (const one of acts) {
    if (one.kind === 'calls') {
      // Which of both ends is first is chance, and one that does not wait needs the other's close_notify.
      const areBoth = one.step.client !== undefined && one.step.server !== undefined;
      if (!areBoth || !JSON.stringify(steps).includes('settimeout')) steps.push(one.step);
      continue;
    }
    if (one.kind === 'send') {
      unread[OTHER[one.by]] += one.size;
      steps.push(by(one.by, [one.call, one.size]));
      continue;
    }
    const wanted = Math.ceil(unread[one.by] * one.share);
    unread[one.by] -= wanted;
    if (wanted > 0) steps.push(by(one.by, ['receive', wanted], ['pending']));
  }
  return steps;
}

const bodies = fc.array(act, { minLength: 0, maxLength: 12, size: 'max' }).map(stepsOf);

/** A second connection, which resumes the session of the first, if it can. */
const resumption: fc.Arbitrary<Step[]> = fc.record({ clientWrap, serverWrap }).map((made) => {
  const client: Call[] = [['wrap', { ...made.clientWrap, session: true }]];
  const server: Call[] = [['wrap', made.serverWrap]];
  if (made.clientWrap.do_handshake_on_connect === false) client.push(HANDSHAKE);
  if (made.serverWrap.do_handshake_on_connect === false) server.push(HANDSHAKE);
  return [
    { server: [['sendall', 3]] },
    { client: [['receive', 3], ['keep_session']] },
    { client: [['close']] },
    { server: [['close']] },
    { client: [['connect']], server: [['accept']] },
    { client, server },
    { client: [...INFO], server: [...INFO] },
  ];
});

const cut: fc.Arbitrary<Cut> = fc.record({
  from: end,
  record: fc.integer({ min: 0, max: 9 }),
  after: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 7, max: 200 }), fc.constant(100_000)),
  how: oneOf<CutKind>('end', 'close', 'reset'),
});

/** Dialogues of all sorts. */
export const dialogues: fc.Arbitrary<Dialogue> = fc
  .record({
    beginning: beginnings,
    told: weighted([2, []], [1, [{ client: [...INFO], server: [...INFO] }]]),
    body: bodies,
    again: perhaps(2, resumption),
    rest: bodies,
    cut: perhaps(3, cut),
  })
  .map(({ beginning, told, body, again, rest, cut: place }) => ({
    steps: [
      ...beginning,
      ...told,
      ...body,
      ...(again === undefined ? [] : [...(isWrapped(beginning) ? again.map(unwrapped) : again), ...rest]),
    ],
    ...(place !== undefined && { cut: place }),
  }));

/** Whether the listener is wrapped: then what it accepts is, too. */
const isWrapped = (steps: readonly Step[]): boolean =>
  steps.some((step) => step.server?.some(([name]) => name === 'wrap_listener') === true);

function unwrapped(step: Step): Step {
  return step.server === undefined ? step : { ...step, server: step.server.filter(([name]) => name !== 'wrap') };
}
