import { mayUseFastPath } from '../transports/support.ts';
import type { ContextSettings } from './context-settings.ts';
import { StreamLayer } from './stream-layer.ts';
import type { LayerListener, LayerOptions, TlsLayer } from './tls-layer.ts';
import { findTlsWrap, type NodeTls } from './tls-wrap.ts';
import { WrapLayer } from './wrap-layer.ts';

let found: { readonly node: NodeTls | undefined } | undefined;

/**
 * A layer for a connection: over Node's own parts where this Node has them, and the environment does not say
 * `AWAIT_SOCKET_FAST_PATH=off`; else over what is documented.
 */
export function layerFor(listener: LayerListener, settings: ContextSettings, options: LayerOptions): TlsLayer {
  // Looked for when TLS is first used: it takes a context.
  found ??= { node: mayUseFastPath ? findTlsWrap(process) : undefined };
  if (found.node === undefined) return new StreamLayer(listener, settings, options);
  return new WrapLayer(found.node, listener, settings, options);
}
