import { testPart } from '../test-part.ts';

testPart('weather');
testPart('outage');
