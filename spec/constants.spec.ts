import { describe, expect, test } from '@jest/globals';
import * as constants from '../lib/constants.ts';
import { hasPython, python } from './support/python.ts';

const SOURCE = `
import json, socket, sys
json.dump({name: getattr(socket, name, None) for name in json.load(sys.stdin)}, sys.stdout)
`;

(hasPython ? describe : describe.skip)('constants', () => {
  test("have Python's names and values", () => {
    expect({ ...constants }).toEqual(python(SOURCE, Object.keys(constants)));
  });
});
