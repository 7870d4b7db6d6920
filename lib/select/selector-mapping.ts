import { rangeError } from '../common/arguments.ts';
import type { Watch } from './ready-set.ts';
import type { Registry } from './registry.ts';
import type { SelectorKey } from './selector-key.ts';

/**
 * The keys of a selector, as `getMap()` gives them: they change with it.
 *
 * @see https://docs.python.org/3/library/selectors.html#selectors.BaseSelector.get_map
 *
 * @remarks Differs from Python in that it has the methods of a `Map`.
 */
export class SelectorMapping<Data, File> implements Iterable<[fd: number, key: SelectorKey<Data, File>]> {
  readonly #registry: Registry<SelectorKey<Data, File>>;

  /** @internal */
  constructor(registry: Registry<SelectorKey<Data, File>>) {
    this.#registry = registry;
  }

  /** How many objects are registered. */
  get size(): number {
    return this.#registry.watches.size;
  }

  /**
   * The key of an object; `undefined` if it is not registered.
   *
   * @param fileobj - the object, its socket or its number.
   * @throws RangeError for what is no such object.
   */
  get(fileobj: File | number): SelectorKey<Data, File> | undefined {
    return this.find(fileobj)?.item;
  }

  /**
   * Whether an object is registered.
   *
   * @param fileobj - as for {@link get}.
   */
  has(fileobj: File | number): boolean {
    return this.get(fileobj) !== undefined;
  }

  /** The numbers of the objects' descriptors. */
  *keys(): Generator<number, void> {
    for (const { item } of this.#registry.watches) yield item.fd;
  }

  /** The keys of the objects. */
  *values(): Generator<SelectorKey<Data, File>, void> {
    for (const { item } of this.#registry.watches) yield item;
  }

  /** The numbers with the keys. */
  *[Symbol.iterator](): Generator<[fd: number, key: SelectorKey<Data, File>], void> {
    for (const { item } of this.#registry.watches) yield [item.fd, item];
  }

  /** @internal */
  find(fileobj: File | number): Watch<SelectorKey<Data, File>> | undefined {
    try {
      return this.#registry.find(fileobj);
    } catch (error) {
      if (error instanceof TypeError) throw rangeError('Invalid file object', fileobj);
      throw error;
    }
  }
}
