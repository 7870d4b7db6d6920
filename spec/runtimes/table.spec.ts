import { describe, expect, it } from '@jest/globals';
import { differences, withTable } from './table.ts';

const DOCUMENT = `# Platforms

<!-- npm run test:runtimes -- --write -->

|                | Node 20 | Deno    |
| -------------- | ------- | ------- |
| it listens     | yes     | ENOTSUP |
| it has a 'tail' | yes     | no      |

<!-- end -->

The rest.
`;

const runs = new Map([
  [
    'Node 20',
    [
      { name: 'it listens', cell: 'yes' },
      { name: 'it sends', cell: 'yes' },
    ],
  ],
  ['Bun', [{ name: 'it listens', cell: 'no', reason: 'Error: why' }]],
]);

describe('withTable', () => {
  it('replaces the table by the runs, and leaves the rest of the document as it is', () => {
    const written = withTable(DOCUMENT, runs);
    expect(written).toBe(`# Platforms

<!-- npm run test:runtimes -- --write -->

|            | Node 20 | Bun |
| ---------- | ------- | --- |
| it listens | yes     | no  |
| it sends   | yes     |     |

<!-- end -->

The rest.
`);
    expect(withTable(written, runs)).toBe(written);
    const wrong = [...runs].map(([runtime, outcomes]) => [...differences(written, runtime, outcomes).keys()]);
    expect(wrong).toEqual([[], ['it sends']]);
  });

  it('needs a table to replace', () => {
    expect(() => withTable('# Platforms\n', runs)).toThrow('the document has no');
  });
});

describe('differences', () => {
  it('are none where the run equals the table', () => {
    const outcomes = [
      { name: 'it listens', cell: 'ENOTSUP' },
      { name: "it has a 'tail'", cell: 'no', reason: 'x' },
    ];
    expect(differences(DOCUMENT, 'Deno', outcomes)).toEqual(new Map());
  });

  it('name what differs, what is new, and what did not run', () => {
    const outcomes = [
      { name: 'it listens', cell: 'no', reason: 'Error: why' },
      { name: 'it sends', cell: 'yes' },
    ];
    expect(differences(DOCUMENT, 'Node 20', outcomes)).toEqual(
      new Map([
        ['it listens', 'no, and the table says yes: Error: why'],
        ['it sends', 'yes, and the table says nothing'],
        ["it has a 'tail'", 'did not run, and the table says yes'],
      ]),
    );
  });

  it('leave out what was skipped', () => {
    const outcomes = [
      { name: 'it listens', cell: 'skipped' },
      { name: "it has a 'tail'", cell: 'yes' },
    ];
    expect(differences(DOCUMENT, 'Node 20', outcomes)).toEqual(new Map());
  });

  it('are all behaviours of a runtime that the table does not have', () => {
    expect(differences(DOCUMENT, 'Bun', [{ name: 'it listens', cell: 'yes' }]).size).toBe(1);
  });
});
