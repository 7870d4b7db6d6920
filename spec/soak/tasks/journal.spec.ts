import { describe, expect, it } from '@jest/globals';
import { isAllOf, isBeginningOf, taken, type Received, type Sent } from './journal.ts';

const sent = (text: string, isWhole = true): Sent => ({ data: Buffer.from(text), isWhole });
const took = (text: string, isPeek = false): Received => ({ isPeek, bytes: Buffer.from(text) });

describe('what was received', () => {
  it('is what the calls took, in their order', () => {
    expect(taken([took('ab'), { isPeek: false, bytes: undefined }, took('cd', true), took('cde')])).toEqual(
      Buffer.from('abcde'),
    );
  });

  it('may have been looked at without being taken', () => {
    expect(taken([took('ab'), took('cd', true)])).toEqual(Buffer.from('ab'));
  });

  it('is what was looked at', () => {
    expect(taken([took('ab'), took('xy', true), took('cd')])).toContain('call 1');
  });
});

describe('a stream', () => {
  const calls = [sent('abc'), sent('defg', false), sent('hij')];

  it.each(['abchij', 'abcdhij', 'abcdefghij'])('is all that was sent: %s', (text) => {
    expect(isAllOf(Buffer.from(text), calls)).toBe(true);
  });

  it.each(['abcdefghi', 'abcabchij', 'bchij', 'hijabc', 'abcdfghij', 'abchijj'])('is not: %s', (text) => {
    expect(isAllOf(Buffer.from(text), calls)).toBe(false);
  });

  it.each(['', 'a', 'abc', 'abcde', 'abcdeh', 'abchij'])('is its beginning: %s', (text) => {
    expect(isBeginningOf(Buffer.from(text), calls)).toBe(true);
  });

  it.each(['b', 'abd', 'abcx', 'abcefg', 'abchijk'])('is not its beginning: %s', (text) => {
    expect(isBeginningOf(Buffer.from(text), calls)).toBe(false);
  });

  it('may go on as the next call begins by chance', () => {
    const alike = [sent('ab-', false), sent('-cd')];
    expect(isAllOf(Buffer.from('ab-cd'), alike)).toBe(true);
    expect(isBeginningOf(Buffer.from('ab-c'), alike)).toBe(true);
  });
});
