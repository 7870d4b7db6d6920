import { addressText } from '../common/addresses.ts';
import { isUnix, type Endpoint } from '../transports/endpoint.ts';

/** The address that a call is about: `endpoint` where it is known already, otherwise a name to look up. */
export class Target {
  readonly endpoint: Endpoint | undefined;
  readonly host: string;
  readonly port: number;
  readonly scopeid: number;

  constructor(endpoint: Endpoint | undefined, host: string, port: number, scopeid: number) {
    this.endpoint = endpoint;
    this.host = host;
    this.port = port;
    this.scopeid = scopeid;
  }

  /** The address as messages show it; it does not change with the program's array. */
  get text(): string {
    if (this.endpoint !== undefined && isUnix(this.endpoint)) return addressText(this.endpoint.path);
    return addressText([this.host, this.port, 0, this.scopeid]);
  }
}
