import { testPart } from '../test-part.ts';

testPart('descriptors');
testPart('shortages');
