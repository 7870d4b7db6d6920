import { expect, it } from '@jest/globals';
import { PROTOCOL_SSLv23, PROTOCOL_TLS_SERVER } from '../../lib/ssl/constants.ts';
import { getProtocolName } from '../../lib/ssl/protocol-names.ts';
import { hasPython, python } from '../support/python.ts';

it('getProtocolName() knows the constants', () => {
  expect(getProtocolName(PROTOCOL_TLS_SERVER)).toBe('PROTOCOL_TLS_SERVER');
  expect(getProtocolName(PROTOCOL_SSLv23)).toBe('PROTOCOL_TLS');
  expect(getProtocolName(99)).toBe('<unknown>');
});

const PYTHON = `
import json, ssl, sys
json.dump([ssl.get_protocol_name(code) for code in json.load(sys.stdin)], sys.stdout)
`;

(hasPython ? it : it.skip)('getProtocolName() gives the names that Python gives', () => {
  const codes = Array.from({ length: 30 }, (_, code) => code - 5);
  expect(codes.map(getProtocolName)).toEqual(python(PYTHON, codes));
});
