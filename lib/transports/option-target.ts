/** Why an option could not be set, by the system's error. */
export interface Refusal {
  readonly code: string;
}

/** The options that a transport can set; each kind of socket has its own. */
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
  /** Below 0 before the descriptor is made and after it is closed. */
  readonly descriptor?: number;
  /** Bytes; `undefined` as long as the buffer does not exist. */
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

/** What this Node can do; found out once, by the transports. */
export interface OptionSupport {
  readonly keepAliveInterval: boolean;
  readonly typeOfService: boolean;
  readonly reusePort: boolean;
  readonly reuseDatagramPort: boolean;
}
