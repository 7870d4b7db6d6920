import { describe, expect, it } from '@jest/globals';
import { MemoryDuplex, type RecordSink } from '../../lib/ssl/memory-duplex.ts';
import { release } from '../../lib/ssl/output-memory.ts';

describe('release()', () => {
  it('gives the memory of whole buffers back, of any number at once', () => {
    const buffers = [Buffer.alloc(4096), Buffer.alloc(70_000)];
    release(buffers);
    expect(buffers.map(({ buffer }) => buffer.byteLength)).toEqual([0, 0]);
  });

  it('leaves memory that others may use, and what is small', () => {
    const shared = Buffer.from(new SharedArrayBuffer(10_000));
    const whole = Buffer.alloc(10_000, 'x');
    const part = whole.subarray(0, 9000);
    const small = Buffer.alloc(4095);
    release([part, shared, small]);
    release([]);
    expect([whole, part, shared, small].map(({ length }) => length)).toEqual([10_000, 9000, 10_000, 4095]);
  });
});

describe('MemoryDuplex', () => {
  const written = (): { records: Buffer[]; finish: (() => void)[]; duplex: MemoryDuplex } => {
    const records: Buffer[] = [];
    const finish: (() => void)[] = [];
    const sink: RecordSink = {
      onOutput(output, done) {
        records.push(output);
        finish.push(done);
      },
      onOutputEnd: () => undefined,
      onResume: () => undefined,
      onDestroyed: () => undefined,
    };
    return { records, finish, duplex: new MemoryDuplex(sink) };
  };
  const write = (duplex: MemoryDuplex, ...chunks: readonly Buffer[]): void => {
    duplex.cork();
    for (const chunk of chunks) duplex.write(chunk, () => undefined);
    duplex.uncork();
  };

  it('frees a record once it has gone out, and not before', () => {
    const { records, finish, duplex } = written();
    const chunk = Buffer.alloc(65_624, 'x');
    write(duplex, chunk);
    expect(records.map(({ length }) => length)).toEqual([65_624]);
    finish.shift()?.();
    expect(chunk.length).toBe(0);
  });

  it('frees records that it has joined, and keeps what goes out', () => {
    const { records, finish, duplex } = written();
    const chunks = [Buffer.alloc(16_000, 'a'), Buffer.alloc(16_000, 'b')];
    write(duplex, ...chunks);
    expect(chunks.map(({ length }) => length)).toEqual([0, 0]);
    expect(records.map(String)).toEqual([`${'a'.repeat(16_000)}${'b'.repeat(16_000)}`]);
    finish.shift()?.();
    expect(records.map(({ length }) => length)).toEqual([32_000]);
  });
});
