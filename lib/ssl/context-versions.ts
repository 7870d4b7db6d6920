import { int, rangeError } from '../common/arguments.ts';
import { raised } from '../common/stack.ts';
import {
  OP_NO_SSLv3,
  PROTOCOL_TLS,
  PROTOCOL_TLS_CLIENT,
  PROTOCOL_TLS_SERVER,
  PROTOCOL_TLSv1,
  PROTOCOL_TLSv1_1,
  PROTOCOL_TLSv1_2,
  TLSVersion,
} from './constants.ts';
import type { Choices } from './context-choices.ts';

const { MINIMUM_SUPPORTED, MAXIMUM_SUPPORTED, SSLv3, TLSv1, TLSv1_1, TLSv1_2, TLSv1_3 } = TLSVersion;
const VERSIONS: readonly number[] = [SSLv3, TLSv1, TLSv1_1, TLSv1_2, TLSv1_3];

/** The protocols that are one version. */
const FIXED: ReadonlyMap<number, number> = new Map([
  [PROTOCOL_TLSv1, TLSv1],
  [PROTOCOL_TLSv1_1, TLSv1_1],
  [PROTOCOL_TLSv1_2, TLSv1_2],
]);
const FLEXIBLE = [PROTOCOL_TLS, PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER];

/** Checks a protocol, as Python's constructor does. */
export function checkProtocol(value: unknown): number {
  const protocol = int(value, 'protocol');
  if (FLEXIBLE.includes(protocol) || FIXED.has(protocol)) return protocol;
  throw rangeError('invalid or unsupported protocol version', value);
}

/** What a context begins with. Where the protocol is one version, Python's attributes say nothing of it. */
export function firstVersions(protocol: number): Pick<Choices, 'minimumVersion' | 'maximumVersion'> {
  const minimumVersion = FIXED.has(protocol) ? MINIMUM_SUPPORTED : TLSv1_2;
  return { minimumVersion, maximumVersion: MAXIMUM_SUPPORTED };
}

/** The oldest and the newest version that may be agreed on. */
export function versionRange({
  protocol,
  minimumVersion,
  maximumVersion,
}: Pick<Choices, 'protocol' | 'minimumVersion' | 'maximumVersion'>): readonly [oldest: number, newest: number] {
  const fixed = FIXED.get(protocol);
  if (fixed !== undefined) return [fixed, fixed];
  return [
    minimumVersion === MINIMUM_SUPPORTED ? TLSv1 : minimumVersion,
    maximumVersion === MAXIMUM_SUPPORTED ? TLSv1_3 : maximumVersion,
  ];
}

/** Python's `minimum_version = …`. */
export function withMinimumVersion(choices: Choices, value: unknown): Partial<Choices> {
  const version = checkVersion(choices, value, 'minimumVersion');
  const minimumVersion = version === MAXIMUM_SUPPORTED ? TLSv1_3 : version;
  return version === SSLv3 ? { minimumVersion, options: without(choices.options, OP_NO_SSLv3) } : { minimumVersion };
}

/** Python's `maximum_version = …`. */
export function withMaximumVersion(choices: Choices, value: unknown): Partial<Choices> {
  const version = checkVersion(choices, value, 'maximumVersion');
  return { maximumVersion: version === MINIMUM_SUPPORTED ? TLSv1 : version };
}

function checkVersion({ protocol }: Choices, value: unknown, name: string): number {
  const version = int(value, name);
  if (!FLEXIBLE.includes(protocol)) {
    const text = "The context's protocol doesn't support modification of highest and lowest version.";
    throw raised(new RangeError(text));
  }
  if (version === MINIMUM_SUPPORTED || version === MAXIMUM_SUPPORTED || VERSIONS.includes(version)) return version;
  throw rangeError(`Unsupported TLS/SSL version 0x${(version >>> 0).toString(16)}`, value);
}

/** Options without one of them; they may have more bits than JavaScript's `&` keeps. */
function without(options: number, option: number): number {
  return Math.floor(options / option) % 2 === 1 ? options - option : options;
}
