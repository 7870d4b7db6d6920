import * as constants from './constants.ts';

const NAMES: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [constants.PROTOCOL_TLS, 'PROTOCOL_TLS'],
  [constants.PROTOCOL_TLS_CLIENT, 'PROTOCOL_TLS_CLIENT'],
  [constants.PROTOCOL_TLS_SERVER, 'PROTOCOL_TLS_SERVER'],
  [constants.PROTOCOL_TLSv1, 'PROTOCOL_TLSv1'],
  [constants.PROTOCOL_TLSv1_1, 'PROTOCOL_TLSv1_1'],
  [constants.PROTOCOL_TLSv1_2, 'PROTOCOL_TLSv1_2'],
]);

/**
 * The name of a protocol.
 *
 * @param protocolCode - one of the `PROTOCOL_*` constants.
 * @returns its name, such as `'PROTOCOL_TLS_CLIENT'`; `'<unknown>'` for any other value.
 *
 * @see https://docs.python.org/3/library/ssl.html
 */
export function getProtocolName(protocolCode: number): string {
  return NAMES.get(protocolCode) ?? '<unknown>';
}
