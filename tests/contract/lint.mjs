// Judges the document by the specification and by itself: references, examples, parameters,
// security. Prints what is wrong and ends with 1 if anything is.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../.cache/contract/', import.meta.url));
const { createConfig, lint } = require('@redocly/openapi-core');

const rules = [
  'struct',
  'no-unresolved-refs',
  'no-unused-components',
  'no-identical-paths',
  'no-enum-type-mismatch',
  'no-schema-type-mismatch',
  'no-required-schema-properties-undefined',
  'no-invalid-schema-examples',
  'no-invalid-media-type-examples',
  'no-invalid-parameter-examples',
  'no-server-trailing-slash',
  'operation-2xx-response',
  'operation-4xx-response',
  'operation-description',
  'operation-operationId-unique',
  'operation-parameters-unique',
  'operation-summary',
  'parameter-description',
  'path-declaration-must-exist',
  'path-not-include-query',
  'path-parameters-defined',
  'security-defined',
  'tag-description',
];
const chosen = Object.fromEntries(rules.map((rule) => [rule, 'error']));
const config = await createConfig({ rules: chosen });
const problems = await lint({ ref: process.argv[2], config });
for (const { ruleId, message, location } of problems) {
  console.error(`${location[0]?.pointer}: ${message.trim()} (${ruleId})`);
}
console.log(`${process.argv[2]}: ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
