import { addressText } from '../common/addresses.ts';
import { isUnix, type Endpoint } from '../transports/endpoint.ts';

/** Where a call goes: `endpoint` where that is known already, else a name to look up. */
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

  /** The address as messages show it, whatever the program makes of its array. */
  get text(): string {
    if (this.endpoint !== undefined && isUnix(this.endpoint)) return addressText(this.endpoint.path);
    return addressText([this.host, this.port, 0, this.scopeid]);
  }
}
