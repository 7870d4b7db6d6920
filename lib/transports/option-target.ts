/** Why an option could not be set, as the system says it. */
export interface Refusal {
  readonly code: string;
}

/** What a transport lets options do; each has what its kind of socket has. */
export interface OptionTarget {
  setNoDelay?(on: boolean): undefined;
  setKeepAlive?(keepAlive: KeepAlive): undefined;
  setTypeOfService?(value: number): undefined;
  setBroadcast?(on: boolean): Refusal | undefined;
  setTTL?(hops: number): Refusal | undefined;
  setMulticastTTL?(hops: number): Refusal | undefined;
  setMulticastLoopback?(on: boolean): Refusal | undefined;
  setMulticastInterface?(address: string): Refusal | undefined;
  addMembership?(group: string, address: string | undefined): Refusal | undefined;
  dropMembership?(group: string, address: string | undefined): Refusal | undefined;
  setReceiveBuffer?(bytes: number): Refusal | undefined;
  setSendBuffer?(bytes: number): Refusal | undefined;
  /** Below 0 as long as there is none, and when it is gone. */
  readonly descriptor?: number;
  /** Bytes; `undefined` as long as there is none. */
  readonly receiveBuffer?: number | undefined;
  readonly sendBuffer?: number | undefined;
}

/** The four options of TCP's keep-alive, which Node sets together: times in seconds. */
export interface KeepAlive {
  readonly on: boolean;
  /** `undefined` where the program did not choose it. */
  readonly idle: number | undefined;
  readonly interval: number;
  readonly count: number;
}

/** What this Node can do at all; asked once, by the transports. */
export interface OptionSupport {
  readonly keepAliveInterval: boolean;
  readonly typeOfService: boolean;
  readonly reusePort: boolean;
  readonly reuseDatagramPort: boolean;
}
