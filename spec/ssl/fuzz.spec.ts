import { expect, it } from '@jest/globals';
import { fuzzTls } from '../support/fuzz-tls.ts';

it('survives damaged sessions, and gives nothing that the peer has not sent', async () => {
  const { outcomes, mistakes } = await fuzzTls(400, 1);
  expect(mistakes).toEqual([]);
  // The damage is such that sessions come to all kinds of ends.
  expect(Object.keys(outcomes)).toEqual(
    expect.arrayContaining(['client ended, server ended', 'client failed, server failed', 'client open, server open']),
  );
});
